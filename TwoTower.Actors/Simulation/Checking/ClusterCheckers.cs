using TwoTower.Actors.Hosting;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>All checkers of a run in a cluster: its own, and those of every run, to whom it shows each shard as if it were one that is
/// started again when it moves.</summary>
internal sealed class ClusterCheckers : IWorldObserver
{
    private readonly CheckerSet _training;
    private readonly ChunkedMessages _chunks = new();
    private readonly ShardHosts _hosts = new();
    private readonly ClusterReach _reach = new();
    private readonly MovedShardChecker _moved;
    private readonly InvariantChecker[] _checkers;
    private readonly SortedDictionary<int, object> _current = [];
    private readonly HashSet<object> _past = [];
    private readonly SortedDictionary<NodeId, int> _lives = [];

    /// <summary>The checkers of a run.</summary>
    /// <param name="training">Those of every run.</param>
    /// <param name="copies">Copies that are promised (train.durability=replica:R).</param>
    /// <param name="seed">The world's seed.</param>
    public ClusterCheckers(CheckerSet training, int copies, long seed)
    {
        _training = training;
        _moved = new MovedShardChecker(_hosts, seed);
        _checkers = [new OneTermChecker(_hosts, seed), new CopiesChecker(_hosts, copies, seed), new MajorityChecker(_reach, seed), _moved];
    }

    /// <summary>The invariants that are checked.</summary>
    public IEnumerable<string> Invariants => _training.Invariants.Concat(_checkers.Select(checker => checker.Invariant));

    /// <summary>Whether a shard has begun without pushes that it had acknowledged, because every server that had them was gone. Then
    /// training has to refuse to go on, and may.</summary>
    public bool HasLostPushes => _moved.Lost > 0;

    /// <summary>The checkers of a training run.</summary>
    public static ClusterCheckers Of(ITrainingRun run, long seed) => new(CheckerSet.Of(run, seed), run.Options.Durability.Replicas, seed);

    /// <inheritdoc />
    public void Sent(double now, in Crossing crossing)
    {
        if (crossing.Message is not EndpointProtocol.Chunk chunk)
        {
            Show(now, crossing);
        }
        else if (_chunks.Sent(crossing, chunk) is { } whole)
        {
            Show(now, whole);
        }
    }

    /// <inheritdoc />
    public void Delivered(double now, in Crossing crossing)
    {
        if (crossing.Message is not EndpointProtocol.Chunk chunk)
        {
            ShowDelivered(now, crossing);
        }
        else if (_chunks.Delivered(crossing, chunk) is { } whole)
        {
            ShowDelivered(now, whole);
        }
    }

    /// <inheritdoc />
    public void Fault(double now, NodeId? node, string what)
    {
        _reach.Fault(now, node, what);
        if (what is "restart" or "join" && node is { } started)
        {
            _lives[started] = _lives.GetValueOrDefault(started, what == "join" ? 0 : 1) + 1;
        }

        if (node is { } at && what.Split([' ', ':'])[0] is "crash" or "ends" or "leave" or "downed")
        {
            _hosts.Troubled.Add(LifeOf(at));
        }

        // One server out of sight of the rest is that server's trouble, not the trouble of those who see each other.
        foreach (var server in _reach.Members.Where(member => member.Role == NodeRole.Server && _reach.IsCutOffFromHalf(member)))
        {
            _hosts.Troubled.Add(LifeOf(server));
        }

        _training.Fault(now, node, what.StartsWith("ends", StringComparison.Ordinal) ? "crash" : what);
        foreach (var checker in _checkers)
        {
            checker.Fault(now, node, what);
        }
    }

    /// <inheritdoc />
    public void Changed(double now, NodeId? node, string what) => Fault(now, node, what);

    /// <inheritdoc />
    public void Ended(double now, TrainingOutcome outcome) => _training.Ended(now, outcome);

    private void Show(double now, in Crossing crossing)
    {
        _hosts.Sent(now, crossing);
        foreach (var checker in _checkers)
        {
            checker.Sent(now, crossing);
        }

        if (IsOfCurrentHost(now, crossing))
        {
            ShowTraining(now, crossing, (at, shown) => _training.Sent(at, shown));
        }
    }

    private void ShowDelivered(double now, in Crossing crossing)
    {
        _hosts.Delivered(now, crossing);
        foreach (var checker in _checkers)
        {
            checker.Delivered(now, crossing);
        }

        ShowTraining(now, crossing, (at, shown) => _training.Delivered(at, shown));
    }

    /// <summary>A shard that has lost pushes is no cut, as it says itself, and the trainer will refuse it.</summary>
    private void ShowTraining(double now, in Crossing crossing, Action<double, Crossing> show)
    {
        try
        {
            show(now, crossing);
        }
        catch (ViolationException violation) when (HasLostPushes && violation.Invariant is (CutChecker.Name or AppliedRowsChecker.Name))
        {
        }
    }

    /// <summary>The life that a node is in, as its copies call it.</summary>
    private string LifeOf(NodeId node) => $"{node}:1#{_lives.GetValueOrDefault(node, 1)}";

    /// <summary>A shard that speaks from another host for the first time was started again; one whose time is
    /// over says nothing that counts.</summary>
    private bool IsOfCurrentHost(double now, in Crossing crossing)
    {
        if (crossing is not
            {
                Speaker: { } host, Message: StateProtocol.Recovered or ParameterProtocol.Rows or ParameterProtocol.PushAck
            or ParameterProtocol.Fenced or SnapshotProtocol.Part or StateProtocol.Image or StateProtocol.Standing
            })
        {
            return true;
        }

        var shard = ((IWithShardId)crossing.Message).Shard;
        if (!_current.TryGetValue(shard.Value, out var current))
        {
            _current.Add(shard.Value, host);
            return true;
        }

        if (host.Equals(current))
        {
            return true;
        }

        if (_past.Contains(host) || _hosts.IsOver(shard, host))
        {
            return false;
        }

        _past.Add(current);
        _current[shard.Value] = host;
        _training.Fault(now, NodeId.Shard(shard.Value), "move");
        _training.Fault(now, NodeId.Shard(shard.Value), "restart");
        return true;
    }
}
