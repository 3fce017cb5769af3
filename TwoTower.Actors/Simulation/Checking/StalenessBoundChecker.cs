using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>Invariant 4, the bound of stale synchronous training (Ho et al. 2013, section 3): no pull at clock c misses a
/// push with a clock under c − S.</summary>
/// <remarks>A shard that applies a push of clock g after it has served a pull of clock c has let that pull miss the push. So at every push
/// that a shard applies, no pull that it has served may have c − S beyond g, with S the bound at c. The rows' own clock
/// is that of the pull they answer.</remarks>
internal sealed class StalenessBoundChecker : InvariantChecker
{
    private readonly Consistency _consistency;
    private readonly bool _synchronous;
    private readonly AcknowledgedBatches _acknowledged;
    private readonly SortedDictionary<int, Shard> _shards = [];

    internal StalenessBoundChecker(Consistency consistency, AcknowledgedBatches acknowledged, long seed)
        : base($"no pull misses a push older than the bound of {consistency}", seed)
    {
        _consistency = consistency;
        _synchronous = consistency.Kind == ConsistencyKind.Bsp;
        _acknowledged = acknowledged;
    }

    /// <inheritdoc />
    public override void Delivered(double now, in Crossing crossing)
    {
        switch (crossing.Message)
        {
            case ParameterProtocol.Pull pull when _consistency.Bound is not null:
                var key = (pull.Worker, pull.Ticket);
                var asked = At(pull.Shard).Asked;
                asked[key] = (pull.Clock, asked.TryGetValue(key, out var before) ? before.Times + 1 : 1);
                break;
            case ParameterProtocol.Push push when _consistency.Bound is not null && !_acknowledged.Of(push.Shard)
                .Contains(push.Lease.Batch.Number):
                At(push.Shard).Pushed.Add((push.Lease.Batch, push.Worker, push.Birth, push.Lease.Clock));
                break;
        }
    }

    /// <inheritdoc />
    public override void Sent(double now, in Crossing crossing)
    {
        if (_consistency.Bound is null)
        {
            return;
        }

        switch (crossing.Message)
        {
            case ParameterProtocol.Rows rows when At(rows.Shard) is var shard
                && shard.Asked.TryGetValue((rows.Worker, rows.Ticket), out var pull):
                if (pull.Times == 1)
                {
                    shard.Asked.Remove((rows.Worker, rows.Ticket));
                }
                else
                {
                    shard.Asked[(rows.Worker, rows.Ticket)] = (pull.Clock, pull.Times - 1);
                }

                if (pull.Clock - _consistency.BoundAt(pull.Clock)!.Value is var reach && reach > shard.FurthestReach)
                {
                    (shard.FurthestReach, shard.FurthestClock, shard.FurthestPuller) = (reach, pull.Clock, rows.Worker);
                }

                break;
            // under BSP its push may wait in a round, and a batch has one clock whoever pushes it
            case ParameterProtocol.Fenced fenced when !_synchronous:
                At(fenced.Shard).Pushed.RemoveAll(push => push.Worker == fenced.Worker && push.Birth <= fenced.Birth);
                break;
            case ParameterProtocol.PushAck ack when !_acknowledged.Of(ack.Shard).Contains(ack.Batch.Number):
                var at = At(ack.Shard);
                var place = at.Pushed.FindIndex(push => push.Batch == ack.Batch && push.Worker == ack.Worker);
                if (place >= 0 && at.FurthestReach > at.Pushed[place].Clock)
                {
                    throw Violation(now, crossing,
                        $"{ack.Shard} applied batch {ack.Batch.Number} of {ack.Worker} at clock {at.Pushed[place].Clock} after it had "
                            + $"served a pull of {at.FurthestPuller} at clock {at.FurthestClock}",
                        $"no pull beyond clock {at.Pushed[place].Clock + _consistency.BoundAt(at.FurthestClock)} before that push");
                }

                at.Pushed.RemoveAll(push => push.Batch == ack.Batch);
                break;
        }
    }

    /// <inheritdoc />
    public override void Fault(double now, NodeId? node, string what)
    {
        if (what is "crash" or "move" && node is { Role: NodeRole.Shard } shard)
        {
            _shards.Remove(shard.Index); // what had reached it is gone, and who pulled from it pulls again from another state
        }
    }

    private Shard At(ShardId shard)
    {
        if (!_shards.TryGetValue(shard.Value, out var state))
        {
            _shards.Add(shard.Value, state = new Shard());
        }

        return state;
    }

    private sealed class Shard
    {
        public Dictionary<(WorkerId Worker, long Ticket), (long Clock, int Times)> Asked { get; } = [];

        public List<(BatchId Batch, WorkerId Worker, long Birth, long Clock)> Pushed { get; } = [];

        /// <summary>The largest c − S of the pulls that were served, and the clock of that pull.</summary>
        public long FurthestReach { get; set; } = long.MinValue;

        public long FurthestClock { get; set; }

        public WorkerId FurthestPuller { get; set; }
    }
}
