using Akka.Actor;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>Which actor was the host of a shard under which term, and who has which copy, as the messages show it. The checkers that need
/// it look here; it checks nothing.</summary>
internal sealed class ShardHosts : IWorldObserver
{
    /// <summary>Seconds for which a server that is new to another has at least to be waited for.</summary>
    private const double ExpectedSeconds = 4.5;

    /// <summary>Seconds in which all who are on one server know what one of them knows.</summary>
    private const double Moment = 0.01;

    private readonly Dictionary<object, Term> _terms = [];
    private readonly Dictionary<object, string> _lives = [];
    private readonly Dictionary<string, SortedDictionary<string, double>> _expected = new(StringComparer.Ordinal);
    private readonly Dictionary<(int Shard, Term Term), Reign> _reigns = [];

    /// <summary>Servers that have died, been downed, been cut off or left since they said anything, by the name of their life.</summary>
    public HashSet<string> Troubled { get; } = [];

    /// <summary>The term of a host; none while it has not been heard.</summary>
    public Term TermOf(object speaker) => _terms.GetValueOrDefault(speaker);

    /// <summary>The node's life that an actor is of, as its copies call it: <c>server-0:1#2</c>.</summary>
    public string LifeOf(object speaker)
    {
        if (!_lives.TryGetValue(speaker, out var life))
        {
            // …/user/server-0.2/region/…
            var text = speaker.ToString()!;
            var from = text.IndexOf("/user/", StringComparison.Ordinal) is >= 0 and var at ? at + "/user/".Length : 0;
            var root = text[from..].Split('/')[0].Split('#')[0];
            var dot = root.LastIndexOf('.');
            _lives[speaker] = life = dot < 0 ? root : $"{root[..dot]}:1#{root[(dot + 1)..]}";
        }

        return life;
    }

    /// <summary>Servers that have a copy of what a push or fence changed, under any term.</summary>
    public IEnumerable<string> HoldersOf(ShardId shard, Change change) =>
        _reigns.Where(reign => reign.Key.Shard == shard.Value).SelectMany(reign => reign.Value.HoldersOf(change)).Distinct();

    /// <summary>Servers that have a copy of what a push or fence changed, given to them under a term.</summary>
    public IReadOnlyCollection<string> HoldersOf(ShardId shard, Term term, Change change) => [.. Of(shard, term).HoldersOf(change)];

    /// <summary>Servers that have said that they have a copy which was given to them under a term.</summary>
    public IReadOnlyCollection<string> InstalledUnder(ShardId shard, Term term) => Of(shard, term).Installed.Keys;

    /// <summary>Servers that the host of a term has heard of, and that nothing has happened to since.</summary>
    public IEnumerable<string> ThereFor(ShardId shard, Term term) => Of(shard, term).There.Where(server => !Troubled.Contains(server));

    /// <summary>Servers that a server knows of and has not known for long, whether they can keep anything yet or not, and that
    /// nothing has happened to since.</summary>
    public IEnumerable<string> ExpectedBy(string life, double now) => _expected.TryGetValue(life, out var others)
        ? others.Where(other => now - other.Value is > Moment and < ExpectedSeconds && !Troubled.Contains(other.Key))
            .Select(other => other.Key)
        : [];

    /// <summary>Whether somebody to whom nothing has happened knows of a higher term than a host's. When all who
    /// knew are gone, terms begin anew.</summary>
    public bool IsOver(ShardId shard, object host)
    {
        var term = TermOf(host);
        return term > Term.None
            && _reigns.Any(reign => reign.Key.Shard == shard.Value && reign.Key.Term > term
            && reign.Value.There.Any(server => !Troubled.Contains(server)));
    }

    public void Sent(double now, in Crossing crossing)
    {
        switch (crossing.Message)
        {
            case Identify { MessageId: string server } when crossing.Speaker is { } speaker
                && server.StartsWith($"{NodeRole.Server}-", StringComparison.OrdinalIgnoreCase):
                Expect(LifeOf(speaker), server, now);
                break;
            case ReplicaProtocol.Recall recall:
                Hear(crossing, recall.Term);
                break;
            case ReplicaProtocol.Release release:
                Hear(crossing, release.Term);
                break;
            case ReplicaProtocol.Install install:
                Hear(crossing, install.Term);
                if (install.Record is { } record)
                {
                    Of(install.Shard, install.Term).Installs.Add((install.Sequence, [.. ChangesIn(record)], record.Frontier));
                }

                break;
            case ReplicaProtocol.Operation operation:
                Hear(crossing, operation.Term);
                Of(operation.Shard, operation.Term).Do(operation.Request, operation.Sequence);
                break;
        }
    }

    public void Delivered(double now, in Crossing crossing)
    {
        switch (crossing.Message)
        {
            case ReplicaProtocol.Held held:
                Of(held.Shard, held.Asked).There.Add(held.Server);
                if (held.Asked == held.Term)
                {
                    // who was given a copy and is asked what has become of it says the same
                    Install(held.Shard, held.Term, held.Server, held.Sequence);
                }

                break;
            case ReplicaProtocol.Release release:
                Forget(release.Shard, release.Term, crossing.To);
                break;
            case ReplicaProtocol.Installed installed:
                Install(installed.Shard, installed.Term, installed.Server, installed.Sequence);
                break;
            case ReplicaProtocol.OperationAck ack:
                var done = Of(ack.Shard, ack.Term).Done;
                done[ack.Server] = Math.Max(ack.Sequence, done.GetValueOrDefault(ack.Server, -1));
                break;
        }
    }

    /// <summary>A server that was told that its copy is of no use has none of that term or an earlier one.</summary>
    private void Forget(ShardId shard, Term term, NodeId server)
    {
        var prefix = $"{server}:1#";
        foreach (var (_, reign) in _reigns.Where(reign => reign.Key.Shard == shard.Value && reign.Key.Term <= term))
        {
            foreach (var life in reign.Done.Keys.Concat(reign.Installed.Keys)
                .Where(life => life.StartsWith(prefix, StringComparison.Ordinal)).ToArray())
            {
                reign.Done.Remove(life);
                reign.Installed.Remove(life);
            }
        }
    }

    private void Install(ShardId shard, Term term, string server, long sequence)
    {
        var reign = Of(shard, term);
        reign.There.Add(server);
        reign.Installed[server] = Math.Max(sequence, reign.Installed.GetValueOrDefault(server, -1));
        reign.Done[server] = Math.Max(sequence, reign.Done.GetValueOrDefault(server, -1));
    }

    private void Expect(string life, string server, double now)
    {
        if (!_expected.TryGetValue(life, out var others))
        {
            _expected.Add(life, others = new(StringComparer.Ordinal));
        }

        others.TryAdd(server, now);
    }

    private void Hear(in Crossing crossing, Term term)
    {
        if (crossing.Speaker is { } speaker && term > TermOf(speaker))
        {
            _terms[speaker] = term;
            LifeOf(speaker);
        }
    }

    private Reign Of(ShardId shard, Term term)
    {
        if (!_reigns.TryGetValue((shard.Value, term), out var reign))
        {
            _reigns.Add((shard.Value, term), reign = new Reign());
        }

        return reign;
    }

    private static IEnumerable<Change> ChangesIn(ShardRecord record) =>
    [
        .. record.Above.Select(batch => new Change(batch, -1, 0)),
        .. record.Round.Concat(record.Waiting).Select(push => new Change(push.Lease.Batch.Number, -1, 0)),
        .. record.Fences.Select(fence => new Change(-1, fence.Worker, fence.Birth)),
    ];

    /// <summary>What a request changes: a batch, or the fence of a life.</summary>
    /// <param name="Batch">The batch of a push; −1 for a fence.</param>
    /// <param name="Worker">The worker of a fence; −1 for a push.</param>
    /// <param name="Birth">The life that is fenced off.</param>
    public readonly record struct Change(long Batch, int Worker, long Birth)
    {
        public static Change? Of(object request) => request switch
        {
            ParameterProtocol.Push push => new Change(push.Lease.Batch.Number, -1, 0),
            ParameterProtocol.PushAck ack => new Change(ack.Batch.Number, -1, 0),
            ParameterProtocol.Fence fence => new Change(-1, fence.Worker.Value, fence.Birth),
            ParameterProtocol.Fenced fenced => new Change(-1, fenced.Worker.Value, fenced.Birth),
            _ => null,
        };
    }

    private sealed class Reign
    {
        private readonly Dictionary<(long Batch, int Worker), SortedDictionary<long, long>> _first = [];

        public SortedSet<string> There { get; } = new(StringComparer.Ordinal);

        public SortedDictionary<string, long> Done { get; } = new(StringComparer.Ordinal);

        public SortedDictionary<string, long> Installed { get; } = new(StringComparer.Ordinal);

        public List<(long Sequence, HashSet<Change> Changes, long Frontier)> Installs { get; } = [];

        /// <summary>The host has given something a number, the first time that it says so.</summary>
        public void Do(object request, long sequence)
        {
            if (Change.Of(request) is { } change)
            {
                var key = (change.Batch, change.Worker);
                if (!_first.TryGetValue(key, out var known))
                {
                    _first.Add(key, known = []);
                }

                known.TryAdd(change.Birth, sequence);
            }
        }

        public IEnumerable<string> HoldersOf(Change change)
        {
            var first = _first.TryGetValue((change.Batch, change.Worker), out var done)
                ? done.Where(operation => operation.Key >= change.Birth).Select(operation => operation.Value).DefaultIfEmpty(long.MaxValue)
                .Min() : long.MaxValue;
            var given = Installs.Where(install => (change.Batch >= 0 && change.Batch < install.Frontier)
                || install.Changes.Any(known => Covers(known, change))).Select(install => install.Sequence).DefaultIfEmpty(
                long.MaxValue).Min();
            return Done.Where(server => server.Value >= first).Select(server => server.Key)
                .Concat(Installed.Where(server => server.Value >= given).Select(server => server.Key)).Distinct();
        }

        /// <summary>A fence of a later life keeps out the earlier ones too.</summary>
        private static bool Covers(Change known, Change wanted) => known.Batch == wanted.Batch && known.Worker == wanted.Worker
            && known.Birth >= wanted.Birth;
    }
}
