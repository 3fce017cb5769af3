using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Work;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>Watches a run from outside, by its messages alone, for one invariant. It shares no code
/// and no state with what it checks.</summary>
/// <param name="invariant">The invariant, as it is named when it is violated.</param>
/// <param name="seed">The world's seed, to name in the violation.</param>
internal abstract class InvariantChecker(string invariant, long seed) : IWorldObserver
{
    /// <summary>The invariant.</summary>
    public string Invariant => invariant;

    /// <inheritdoc />
    public virtual void Sent(double now, in Crossing crossing)
    {
    }

    /// <inheritdoc />
    public virtual void Delivered(double now, in Crossing crossing)
    {
    }

    /// <inheritdoc />
    public virtual void Dropped(double now, in Crossing crossing, string reason)
    {
    }

    /// <inheritdoc />
    public virtual void Working(double now, NodeId node, WorkKind kind, long size, double seconds)
    {
    }

    /// <inheritdoc />
    public virtual void Fault(double now, NodeId? node, string what)
    {
    }

    /// <inheritdoc />
    public virtual void Ended(double now, TrainingOutcome outcome)
    {
    }

    /// <summary>What to throw when what has ended violates the invariant.</summary>
    protected ViolationException Violation(double now, string seen, string expected) => new(invariant, seed, now, null, seen, expected);

    /// <summary>What to throw when a message violates the invariant.</summary>
    protected ViolationException Violation(double now, in Crossing crossing, string seen, string expected) =>
        new(invariant, seed, now, crossing.Number, seen, expected);
}

/// <summary>Is told what a shard says it has after it was started again.</summary>
internal interface IRecoveryObserver
{
    /// <summary>A shard that was started again announces the batches it has applied: all below
    /// <paramref name="frontier"/>, and some above.</summary>
    /// <param name="now">Virtual seconds.</param>
    /// <param name="crossing">The message that announces it.</param>
    /// <param name="shard">Which shard.</param>
    /// <param name="frontier">Every batch below it has been applied.</param>
    /// <param name="above">The batches above it that have been applied.</param>
    void OnRecovered(double now, in Crossing crossing, ShardId shard, long frontier, IEnumerable<long> above);
}
