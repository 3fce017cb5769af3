using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>Invariant 5: every batch is applied by every shard once and only once. A shard's version, told with every acknowledgement,
/// grows by exactly one with a batch that it acknowledges for the first time, and not at all with one that it knew; what it acknowledges
/// had been pushed to it; and what a worker reports as complete, every shard has acknowledged.</summary>
internal sealed class ExactlyOnceChecker : InvariantChecker, IRecoveryObserver
{
    private readonly AcknowledgedBatches _acknowledged;
    private readonly long?[] _versions;
    private readonly HashSet<long>[] _pushed;
    private readonly HashSet<long>[] _pushedAgain;
    private readonly HashSet<long>[] _handedOver;

    internal ExactlyOnceChecker(AcknowledgedBatches acknowledged, long seed)
        : base("every batch is applied once and only once", seed)
    {
        _acknowledged = acknowledged;
        _versions = [.. Enumerable.Range(0, acknowledged.Shards).Select(_ => (long?)0)];
        _pushed = [.. Enumerable.Range(0, acknowledged.Shards).Select(_ => new HashSet<long>())];
        _pushedAgain = [.. Enumerable.Range(0, acknowledged.Shards).Select(_ => new HashSet<long>())];
        _handedOver = [.. Enumerable.Range(0, acknowledged.Shards).Select(_ => new HashSet<long>())];
    }

    /// <inheritdoc />
    public override void Delivered(double now, in Crossing crossing)
    {
        if (crossing.Message is ParameterProtocol.Push push)
        {
            // One that the shard knew may be told to a host that has not been heard yet and knows nothing of it.
            (Knows(push.Shard, push.Lease.Batch) ? _pushedAgain : _pushed)[push.Shard.Value].Add(push.Lease.Batch.Number);
        }
    }

    /// <inheritdoc />
    public override void Sent(double now, in Crossing crossing)
    {
        switch (crossing.Message)
        {
            case ParameterProtocol.PushAck ack:
                OnAck(now, crossing, ack);
                break;
            case LeaseProtocol.Completed completed:
                for (var shard = 0; shard < _acknowledged.Shards; shard++)
                {
                    if (!_acknowledged.EverOf(new ShardId(shard)).Contains(completed.Report.Batch.Number))
                    {
                        throw Violation(now, crossing,
                            $"{completed.Worker} reports batch {completed.Report.Batch.Number} as complete, and {new ShardId(shard)} has "
                                + $"not acknowledged it",
                            "a report only when every shard has acknowledged the batch");
                    }
                }

                break;
        }
    }

    /// <inheritdoc />
    public override void Fault(double now, NodeId? node, string what)
    {
        if (node is { Role: NodeRole.Shard } moved && what == "move")
        {
            // the next host may have it from the one before, applied already and told to nobody
            _handedOver[moved.Index].UnionWith(_pushed[moved.Index]);
        }

        if (node is { Role: NodeRole.Shard } shard && what == "crash")
        {
            _versions[shard.Index] = null;
            _pushed[shard.Index].Clear(); // what had reached it is gone
            _pushedAgain[shard.Index].Clear();
        }
    }

    /// <inheritdoc />
    public void OnRecovered(double now, in Crossing crossing, ShardId shard, long frontier, IEnumerable<long> above) =>
        _versions[shard.Value] = null;

    private void OnAck(double now, in Crossing crossing, ParameterProtocol.PushAck ack)
    {
        ref var version = ref _versions[ack.Shard.Value];
        var first = !Knows(ack.Shard, ack.Batch);
        if (first && !(_pushed[ack.Shard.Value].Remove(ack.Batch.Number) | _pushedAgain[ack.Shard.Value].Remove(ack.Batch.Number)))
        {
            throw Violation(now, crossing, $"{ack.Shard} acknowledges batch {ack.Batch.Number}, which nobody has pushed to it",
                "acknowledgements of what was pushed");
        }

        if (first && _handedOver[ack.Shard.Value].Remove(ack.Batch.Number))
        {
            version = null;
        }

        // What was handed over may be applied since and be told to nobody, because nobody has asked this host.
        if (version is { } before && ack.Version != before + (first ? 1 : 0)
            && !(ack.Version > before && ack.Version <= before + (first ? 1 : 0) + _handedOver[ack.Shard.Value].Count))
        {
            throw Violation(now, crossing,
                $"{ack.Shard} acknowledges batch {ack.Batch.Number} {(first ? "for the first time" : "again")} at version {ack.Version}, "
                    + $"after version {before}",
                $"version {before + (first ? 1 : 0)}");
        }

        version = ack.Version;
    }

    private bool Knows(ShardId shard, BatchId batch) => !_acknowledged.Amnesic(shard) && _acknowledged.Of(shard).Contains(batch.Number);
}
