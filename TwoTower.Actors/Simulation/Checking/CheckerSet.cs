using TwoTower.Actors.Hosting;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>All checkers of one run.</summary>
internal sealed class CheckerSet : IWorldObserver, IRecoveryObserver
{
    private readonly AcknowledgedBatches _acknowledged;
    private readonly InvariantChecker[] _checkers;
    private readonly IRecoveryObserver[] _recovery;

    /// <summary>The checkers of a run.</summary>
    /// <param name="consistency">The bound that is promised.</param>
    /// <param name="shards">Shards.</param>
    /// <param name="examples">Examples per epoch.</param>
    /// <param name="seed">The world's seed, to name in a violation.</param>
    /// <param name="durable">Whether what a shard acknowledges is promised to outlive its crash.</param>
    /// <param name="first">The first batch of the run with its epoch and position, when others were done
    /// before; null from the beginning.</param>
    /// <param name="workers">Workers: under softsync they say how many pushes make a step.</param>
    /// <param name="drops">Whether pushes that are too stale are left out.</param>
    public CheckerSet(Consistency consistency, int shards, int examples, long seed, bool durable = false, Lease? first = null,
        int workers = 1, bool drops = false)
    {
        var firstBatch = first?.Batch.Number ?? 0;
        _acknowledged = new AcknowledgedBatches(shards, firstBatch);
        _checkers =
        [
            new DurabilityChecker(_acknowledged, durable, seed),
            new StalenessBoundChecker(consistency, _acknowledged, seed),
            new ExactlyOnceChecker(_acknowledged, seed),
            new EpochChecker(examples, firstBatch, first?.Epoch ?? 0, first?.First ?? 0, seed),
            new CutChecker(_acknowledged, seed),
            new LeaseChecker(shards, seed),
            new FenceChecker(_acknowledged, durable, seed),
            .. firstBatch == 0 && consistency.Kind != ConsistencyKind.Bsp
                ? (InvariantChecker[])[new AppliedRowsChecker(_acknowledged, consistency.GroupOf(workers), drops, durable, seed)] : [],
        ];
        _recovery = [.. _checkers.OfType<IRecoveryObserver>(), _acknowledged];
    }

    /// <summary>The invariants that are checked.</summary>
    public IEnumerable<string> Invariants => _checkers.Select(checker => checker.Invariant);

    /// <summary>The checkers of a training run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="seed">The world's seed.</param>
    public static CheckerSet Of(ITrainingRun run, long seed)
    {
        var step = run.Plan.Resume?.Step ?? 0;
        return new CheckerSet(run.Options.Consistency, run.Options.Shards, run.Epochs.Examples, seed,
            run.Options.Durability.Every is not null, step > 0 ? run.Epochs.LeaseOf(step, 0) : null,
            run.Options.Workers, run.Options.StalenessPolicy.MayDrop);
    }

    /// <inheritdoc />
    public void Sent(double now, in Crossing crossing)
    {
        if (crossing.Message is StateProtocol.Recovered recovered && _acknowledged.Amnesic(recovered.Shard))
        {
            // the first word of it; it says the same to everybody
            OnRecovered(now, crossing, recovered.Shard, recovered.Frontier, recovered.Above);
        }

        foreach (var checker in _checkers)
        {
            checker.Sent(now, crossing);
        }

        _acknowledged.Sent(now, crossing);
    }

    /// <inheritdoc />
    public void Delivered(double now, in Crossing crossing)
    {
        foreach (var checker in _checkers)
        {
            checker.Delivered(now, crossing);
        }
    }

    /// <inheritdoc />
    public void Fault(double now, NodeId? node, string what)
    {
        foreach (var checker in _checkers)
        {
            checker.Fault(now, node, what);
        }

        _acknowledged.Fault(now, node, what);
    }

    /// <inheritdoc />
    public void Ended(double now, TrainingOutcome outcome)
    {
        foreach (var checker in _checkers)
        {
            checker.Ended(now, outcome);
        }
    }

    /// <inheritdoc />
    public void OnRecovered(double now, in Crossing crossing, ShardId shard, long frontier, IEnumerable<long> above)
    {
        foreach (var observer in _recovery)
        {
            observer.OnRecovered(now, crossing, shard, frontier, above);
        }
    }
}
