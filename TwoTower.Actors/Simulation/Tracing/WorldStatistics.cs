using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Work;

namespace TwoTower.Actors.Simulation.Tracing;

/// <summary>What nodes of one role handed to the network and took from it.</summary>
/// <param name="SentMessages">Messages sent, before any loss or doubling.</param>
/// <param name="SentBytes">Their bytes.</param>
/// <param name="ReceivedMessages">Messages handled.</param>
/// <param name="ReceivedBytes">Their bytes.</param>
internal readonly record struct RoleTraffic(long SentMessages, long SentBytes, long ReceivedMessages, long ReceivedBytes);

/// <summary>Adds up what happens in a world: traffic by role, load by shard, the workers' busy time, what was dropped and why.</summary>
internal sealed class WorldStatistics : IWorldObserver
{
    private readonly RoleTraffic[] _traffic = new RoleTraffic[Enum.GetValues<NodeRole>().Length];
    private readonly long[] _shardBytes;
    private readonly double[] _busyUntil;
    private readonly double[] _busy;
    private readonly SortedDictionary<string, long> _drops = new(StringComparer.Ordinal);

    /// <summary>Nothing yet.</summary>
    /// <param name="options">The run's settings, for the number of workers and shards.</param>
    public WorldStatistics(TrainingOptions options)
    {
        _shardBytes = new long[options.Shards];
        _busyUntil = new double[options.Workers];
        _busy = new double[options.Workers];
    }

    /// <summary>Traffic by role, in the order of <see cref="NodeRole"/>.</summary>
    public IReadOnlyList<RoleTraffic> Traffic => _traffic;

    /// <summary>Bytes in and out of every shard.</summary>
    public IReadOnlyList<long> ShardBytes => _shardBytes;

    /// <summary>Messages that did not arrive, by reason.</summary>
    public IReadOnlyDictionary<string, long> Drops => _drops;

    /// <summary>Crashes, restarts, leaves, joins, slow-downs, lost writes and changes of the network: what a fault plan did.</summary>
    public long Faults { get; private set; }

    /// <summary>The busiest shard's bytes over the mean shard's; 1 is even.</summary>
    public double LoadImbalance => _shardBytes.Sum() == 0 ? 1 : _shardBytes.Max() / _shardBytes.Average();

    /// <summary>Share of the workers' time in which they computed no gradient.</summary>
    /// <param name="seconds">Virtual seconds of the whole run.</param>
    public double IdleShare(double seconds)
    {
        var busy = 0.0;
        for (var worker = 0; worker < _busy.Length; worker++)
        {
            busy += _busy[worker] - Math.Max(0, _busyUntil[worker] - seconds); // what was begun and not finished
        }

        return seconds <= 0 ? 0 : Math.Clamp(1 - (busy / (seconds * _busy.Length)), 0, 1);
    }

    /// <inheritdoc />
    public void Sent(double now, in Crossing crossing)
    {
        ref var traffic = ref _traffic[(int)crossing.From.Role];
        traffic = traffic with { SentMessages = traffic.SentMessages + 1, SentBytes = traffic.SentBytes + crossing.Bytes };
        CountShard(crossing.From, crossing.Bytes);
    }

    /// <inheritdoc />
    public void Delivered(double now, in Crossing crossing)
    {
        ref var traffic = ref _traffic[(int)crossing.To.Role];
        traffic = traffic with { ReceivedMessages = traffic.ReceivedMessages + 1, ReceivedBytes = traffic.ReceivedBytes + crossing.Bytes };
        CountShard(crossing.To, crossing.Bytes);
    }

    /// <inheritdoc />
    public void Dropped(double now, in Crossing crossing, string reason) => _drops[reason] = _drops.GetValueOrDefault(reason) + 1;

    /// <inheritdoc />
    public void Working(double now, NodeId node, WorkKind kind, long size, double seconds)
    {
        if (kind == WorkKind.Gradient)
        {
            _busy[node.Index] += seconds;
            _busyUntil[node.Index] = now + seconds;
        }
    }

    /// <inheritdoc />
    public void Fault(double now, NodeId? node, string what)
    {
        Faults++;
        if (node is { Role: NodeRole.Worker } worker && what == "crash" && _busyUntil[worker.Index] > now)
        {
            _busy[worker.Index] -= _busyUntil[worker.Index] - now;
            _busyUntil[worker.Index] = now;
        }
    }

    private void CountShard(NodeId node, long bytes)
    {
        if (node.Role == NodeRole.Shard)
        {
            _shardBytes[node.Index] += bytes;
        }
    }
}
