using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>Invariant 9: acknowledged is durable. What a shard announces after it was started again contains every batch that it had
/// acknowledged before, where the run's settings promise it.</summary>
internal sealed class DurabilityChecker : InvariantChecker, IRecoveryObserver
{
    private readonly AcknowledgedBatches _acknowledged;
    private readonly bool _promised;

    internal DurabilityChecker(AcknowledgedBatches acknowledged, bool promised, long seed)
        : base("what was acknowledged is durable", seed)
    {
        _acknowledged = acknowledged;
        _promised = promised;
    }

    /// <inheritdoc />
    public override void Sent(double now, in Crossing crossing)
    {
        if (_promised && crossing.Message is ParameterProtocol.PushAck ack && _acknowledged.Amnesic(ack.Shard))
        {
            throw Violation(now, crossing, $"{ack.Shard} was started again and acknowledges batch {ack.Batch.Number}",
                "first a word of what it has kept");
        }
    }

    /// <inheritdoc />
    public void OnRecovered(double now, in Crossing crossing, ShardId shard, long frontier, IEnumerable<long> above)
    {
        if (!_promised)
        {
            return;
        }

        var kept = new NumberSet(frontier);
        foreach (var batch in above)
        {
            kept.Add(batch);
        }

        var known = _acknowledged.Of(shard);
        for (var batch = kept.Below; batch < known.Below; batch++)
        {
            Require(batch, now, crossing);
        }

        foreach (var batch in known.Above)
        {
            Require(batch, now, crossing);
        }

        void Require(long batch, double at, in Crossing message)
        {
            if (!kept.Contains(batch))
            {
                throw Violation(at, message, $"{shard} has recovered {kept}, and had acknowledged batch {batch} before it crashed",
                    $"at least {known}");
            }
        }
    }
}
