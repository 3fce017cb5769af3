using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>A life that a shard has called fenced off is over: of what it pushes to that shard from then on nothing is applied. So a batch
/// that a shard acknowledges for the first time was pushed by a life that was not fenced off when its push came in.</summary>
/// <remarks>A push that had come in before the fence may be applied after it: under bsp it waits for its round. And what a shard has called
/// fenced off outlives its crash, or the shard was not to say it.</remarks>
internal sealed class FenceChecker : InvariantChecker
{
    private readonly AcknowledgedBatches _acknowledged;
    private readonly FencedLives _fenced = new();
    private readonly HashSet<(int Shard, long Batch)> _pushed = [];
    private readonly Dictionary<(int Shard, long Batch), (WorkerId Worker, long Birth)> _late = [];
    private readonly bool _durable;

    internal FenceChecker(AcknowledgedBatches acknowledged, bool durable, long seed)
        : base("a life that is fenced off is over", seed) => (_acknowledged, _durable) = (acknowledged, durable);

    /// <inheritdoc />
    public override void Delivered(double now, in Crossing crossing)
    {
        if (crossing.Message is not ParameterProtocol.Push push || Knows(push.Shard, push.Lease.Batch))
        {
            return;
        }

        var key = (push.Shard.Value, push.Lease.Batch.Number);
        if (_fenced.Has(push.Shard, push.Worker, push.Birth))
        {
            _late[key] = (push.Worker, push.Birth);
        }
        else
        {
            _pushed.Add(key);
        }
    }

    /// <inheritdoc />
    public override void Sent(double now, in Crossing crossing)
    {
        switch (crossing.Message)
        {
            case ParameterProtocol.Fenced fenced:
                _fenced.Take(fenced);
                break;
            case ParameterProtocol.PushAck ack when !Knows(ack.Shard, ack.Batch):
                var key = (ack.Shard.Value, ack.Batch.Number);
                if (!_pushed.Remove(key) && _late.TryGetValue(key, out var late))
                {
                    throw Violation(now, crossing,
                        $"{ack.Shard} has applied batch {ack.Batch.Number} of life {late.Birth} of {late.Worker}, which it had called fenced off", "that it takes nothing of that life");
                }

                _late.Remove(key);
                break;
        }
    }

    /// <inheritdoc />
    public override void Fault(double now, NodeId? node, string what)
    {
        if (node is not { Role: NodeRole.Shard } shard || what != "crash")
        {
            return;
        }

        // What had reached it is gone; what it had said is not, where anything is kept.
        _pushed.RemoveWhere(pushed => pushed.Shard == shard.Index);
        foreach (var key in _late.Keys.Where(late => late.Shard == shard.Index).ToArray())
        {
            _late.Remove(key);
        }

        if (!_durable)
        {
            _fenced.Forget(shard.Index);
        }
    }

    private bool Knows(ShardId shard, BatchId batch) => !_acknowledged.Amnesic(shard) && _acknowledged.Of(shard).Contains(batch.Number);
}
