using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Hosting.Replication;

/// <summary>Numbers what a shard is asked to do, keeps it until every standby has done it too, and says which answers may go out.
/// Synchronous; one thread at a time.</summary>
/// <remarks>An answer promises that what the shard did before it is kept. So it waits until all standbys have done every operation numbered
/// before it, those standbys included that are only being given their copy: while one is missing, nothing new is acknowledged.</remarks>
/// <typeparam name="T">An answer.</typeparam>
/// <param name="shard">Which shard.</param>
/// <param name="term">The host's term.</param>
/// <param name="sequence">The last operation of the state that the host begins with.</param>
/// <param name="least">Standbys without which no answer goes out; with 0 answers wait for as many as there are.</param>
internal sealed class ReplicationLog<T>(ShardId shard, Term term, long sequence, int least = 0)
{
    /// <summary>Operations kept at most; the host takes no request while they are.</summary>
    public const int MostOperations = 1 << 16;

    /// <summary>Operations on their way to one standby at most: fewer than an endpoint lets wait for one target.</summary>
    public const int Window = 48;

    /// <summary>Bytes kept at most; the host takes no request while they are.</summary>
    public const long MostBytes = 256L << 20;

    private readonly SortedDictionary<string, Progress> _standbys = new(StringComparer.Ordinal);
    private readonly Dictionary<long, ReplicaProtocol.Operation> _kept = [];
    private readonly HashSet<(BatchId Batch, WorkerId Worker, long Birth)> _pushes = [];
    private readonly Queue<(long After, T Answer)> _held = new();
    private long _bytes;
    private long _dropped = sequence;

    /// <summary>Standbys without which no answer goes out.</summary>
    public int Least => least;

    /// <summary>Standbys that there are or soon will be: answers wait for those that come too.</summary>
    public int Awaited { get; set; }

    /// <summary>The last number given.</summary>
    public long Last { get; private set; } = sequence;

    /// <summary>The last operation that every standby has done.</summary>
    public long Safe => _standbys.Count == 0 ? Last : _standbys.Values.Min(standby => standby.Done ?? -1);

    /// <summary>Names of the standbys, ascending.</summary>
    public IReadOnlyCollection<string> Standbys => _standbys.Keys;

    /// <summary>Whether every standby has been given its copy.</summary>
    public bool AllInstalled => _standbys.Values.All(standby => standby.Done is not null);

    /// <summary>Whether so much waits for standbys that no more can be taken.</summary>
    public bool Full => _kept.Count >= MostOperations || _bytes >= MostBytes;

    /// <summary>Answers that wait.</summary>
    public int Held => _held.Count;

    /// <summary>Whether this push is on its way to the standbys: when it is sent again it changes nothing here, and need not go there. The
    /// same batch from another life is another push: this one may be refused.</summary>
    public bool Carries(ParameterProtocol.Push push) => _pushes.Contains(KeyOf(push));

    /// <summary>Whether a standby has its copy.</summary>
    public bool IsInstalled(string standby) => _standbys.TryGetValue(standby, out var progress) && progress.Done is not null;

    /// <summary>Numbers a request, and keeps a copy of it for the standbys.</summary>
    public void Append(IWithShardId request)
    {
        Last++;
        if (_standbys.Count == 0)
        {
            _dropped = Last;
            return;
        }

        var operation = new ReplicaProtocol.Operation(shard, term, Last, request is IOwnsBuffers owner
            ? (IWithShardId)owner.Copy() : request);
        _kept.Add(Last, operation);
        _bytes += BytesOf(operation);
        if (request is ParameterProtocol.Push push)
        {
            _pushes.Add(KeyOf(push));
        }
    }

    /// <summary>A standby is to be given a copy of the state after <see cref="Last"/>, which is returned. One that has a
    /// copy already is given another.</summary>
    public long Add(string standby)
    {
        _standbys[standby] = new Progress { From = Last };
        Trim();
        return Last;
    }

    /// <summary>A standby is lost, or has gone. Nothing waits for it any more.</summary>
    public void Remove(string standby)
    {
        _standbys.Remove(standby);
        Trim();
    }

    /// <summary>A standby has its copy, up to an operation. Those after it are to be sent to it (<see cref="Due"/>).</summary>
    /// <returns>Whether that is news.</returns>
    public bool Install(string standby, long done)
    {
        var news = _standbys.TryGetValue(standby, out var progress) && progress.Done is null && done >= progress.From && done <= Last;
        if (news)
        {
            (progress!.Done, progress.Sent) = (done, done);
            Trim();
        }

        return news;
    }

    /// <summary>A standby has done every operation up to one.</summary>
    public void Acknowledge(string standby, long done)
    {
        if (_standbys.TryGetValue(standby, out var progress) && progress.Done < done && done <= Last)
        {
            (progress.Done, progress.Sent) = (done, Math.Max(done, progress.Sent));
            Trim();
        }
    }

    /// <summary>Copies of the operations that are to be sent to a standby now, first to last: they are taken as
    /// sent. None before it has its copy.</summary>
    public IEnumerable<ReplicaProtocol.Operation> Due(string standby)
    {
        if (!_standbys.TryGetValue(standby, out var progress) || progress.Done is not { } done)
        {
            yield break;
        }

        while (progress.Sent < Math.Min(Last, done + Window))
        {
            yield return (ReplicaProtocol.Operation)_kept[++progress.Sent].Copy();
        }
    }

    /// <summary>Whatever a standby has not acknowledged may be lost, and is to be sent again.</summary>
    public void Rewind(string standby)
    {
        if (_standbys.TryGetValue(standby, out var progress))
        {
            progress.Sent = progress.Done ?? 0;
        }
    }

    /// <summary>How far a standby is; null before it has its copy.</summary>
    public long? DoneBy(string standby) => _standbys.TryGetValue(standby, out var progress) ? progress.Done : null;

    /// <summary>Takes an answer that must not go out before what it promises is kept. Beyond <see cref="MostOperations"/> they are dropped:
    /// whoever waits for one asks again.</summary>
    public void Hold(T answer)
    {
        if (_held.Count < MostOperations)
        {
            _held.Enqueue((Last, answer));
        }
    }

    /// <summary>The answers that may go out now, in the order in which they came.</summary>
    public IEnumerable<T> Release()
    {
        var safe = _standbys.Count < Math.Max(least, Awaited) ? -1 : Safe;
        while (_held.TryPeek(out var first) && first.After <= safe)
        {
            yield return _held.Dequeue().Answer;
        }
    }

    private void Trim()
    {
        var needed = _standbys.Count == 0 ? Last : _standbys.Values.Min(standby => standby.Done ?? standby.From);
        while (_dropped < needed)
        {
            if (!_kept.Remove(++_dropped, out var done))
            {
                continue;
            }

            _bytes -= BytesOf(done);
            if (done.Request is ParameterProtocol.Push push)
            {
                _pushes.Remove(KeyOf(push));
            }

            done.Return();
        }
    }

    private static (BatchId Batch, WorkerId Worker, long Birth) KeyOf(ParameterProtocol.Push push) =>
        (push.Lease.Batch, push.Worker, push.Birth);

    private static long BytesOf(ReplicaProtocol.Operation operation) => operation.Request switch
    {
        ParameterProtocol.Push push => push.Users.Bytes + push.Items.Bytes,
        ParameterProtocol.Pull pull => ((long)pull.Users.Count + pull.Items.Count) * sizeof(int),
        _ => 0,
    };

    private sealed class Progress
    {
        /// <summary>The operation after which its copy was taken.</summary>
        public long From { get; init; }

        /// <summary>The last operation that it has done; null before it has its copy.</summary>
        public long? Done { get; set; }

        /// <summary>The last operation that has been sent to it.</summary>
        public long Sent { get; set; }
    }
}
