using System.Globalization;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Work;

namespace TwoTower.Actors.Simulation.Sizing;

/// <summary>How much of the training each resource was busy: what is near 1 is where the size saturates. Counts from the first lease to the
/// last completion, so that the snapshot at the end does not blur the picture.</summary>
/// <param name="options">The world, for the rates.</param>
internal sealed class Saturation(WorldOptions options) : IWorldObserver
{
    private readonly SortedDictionary<NodeId, Load> _loads = [];
    private double? _from;
    private double _until;
    private long _examples;
    private long _trainerMessages;

    /// <summary>Virtual seconds of training.</summary>
    public double Seconds => Math.Max(1e-9, _until - (_from ?? 0));

    /// <summary>Examples per virtual second.</summary>
    public double ExamplesPerSecond => _examples / Seconds;

    /// <summary>Messages per virtual second that the trainer handles.</summary>
    public double TrainerMessagesPerSecond => _trainerMessages / Seconds;

    /// <summary>Busiest network interface, outwards: node and share of the time.</summary>
    public (NodeId? Node, double Share) Sending => Busiest(load => Share(load.Sent, options.Network.BytesPerSecond), _ => true);

    /// <summary>Busiest network interface, inwards.</summary>
    public (NodeId? Node, double Share) Receiving => Busiest(load => Share(load.Received, options.Network.BytesPerSecond), _ => true);

    /// <summary>Busiest shard: reading rows out or applying pushes, whichever takes longer (the world lets it do both at a time).</summary>
    public (NodeId? Node, double Share) ShardService =>
        Busiest(load => Share(Math.Max(load.Sent, load.Received), options.Compute.ShardBytesPerSecond),
        node => node.Role == NodeRole.Shard);

    /// <summary>Mean share of the time that workers compute: 1 is a run that nothing but workers limits.</summary>
    public double WorkerCompute
    {
        get
        {
            var workers = _loads.Where(pair => pair.Key.Role == NodeRole.Worker).Select(pair => pair.Value.Computing).ToArray();
            return workers.Length == 0 ? 0 : workers.Average() / Seconds;
        }
    }

    /// <inheritdoc />
    public void Sent(double now, in Crossing crossing)
    {
        if (crossing.Message is LeaseProtocol.LeaseGranted)
        {
            _from ??= now;
        }

        if (Counts(crossing.Message))
        {
            At(crossing.From).Sent += crossing.Bytes;
        }
    }

    /// <inheritdoc />
    public void Delivered(double now, in Crossing crossing)
    {
        if (!Counts(crossing.Message))
        {
            return;
        }

        At(crossing.To).Received += crossing.Bytes;
        if (crossing.To.Role == NodeRole.Trainer)
        {
            _trainerMessages++;
            if (crossing.Message is LeaseProtocol.Completed completed)
            {
                _examples += completed.Report.Examples;
                _until = now;
            }
        }
    }

    /// <inheritdoc />
    public void Working(double now, NodeId node, WorkKind kind, long size, double seconds)
    {
        if (kind == WorkKind.Gradient)
        {
            At(node).Computing += seconds;
        }
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{ExamplesPerSecond:#,0} examples/s over {Seconds:0.###} virtual s; workers compute {WorkerCompute:0.0%} of the time; busiest interface out {Sending.Node} {Sending.Share:0.0%}, in {Receiving.Node} {Receiving.Share:0.0%}; busiest shard {ShardService.Node} {ShardService.Share:0.0%}; trainer {TrainerMessagesPerSecond:#,0} messages/s");

    private static bool Counts(object message) =>
        message is not (SnapshotProtocol.Read or SnapshotProtocol.Part or SnapshotProtocol.Evaluate or SnapshotProtocol.Evaluated
            or SnapshotProtocol.Taken or StateProtocol.Export or StateProtocol.Image);

    private Load At(NodeId node)
    {
        if (!_loads.TryGetValue(node, out var load))
        {
            _loads.Add(node, load = new Load());
        }

        return load;
    }

    private double Share(long bytes, double rate) => rate > 0 ? bytes / rate / Seconds : 0;

    private (NodeId? Node, double Share) Busiest(Func<Load, double> share, Func<NodeId, bool> which)
    {
        (NodeId? Node, double Share) busiest = (null, 0);
        foreach (var (node, load) in _loads)
        {
            if (which(node) && share(load) > busiest.Share)
            {
                busiest = (node, share(load));
            }
        }

        return busiest;
    }

    private sealed class Load
    {
        public long Sent { get; set; }

        public long Received { get; set; }

        public double Computing { get; set; }
    }
}
