using TwoTower.Model.Evaluation;

namespace TwoTower.Node.Sweeps;

/// <summary>How a cell ended.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Run">Its run, when it came to its end.</param>
/// <param name="Failure">Why it did not; null when it did or has not run yet.</param>
public sealed record CellOutcome(SweepCell Cell, RunRecord? Run, string? Failure);

/// <summary>A sweep's runs and what follows from them.</summary>
public sealed class SweepResults
{
    private readonly Dictionary<SweepPoint, PointSummary> _byPoint = new(PointComparer.Instance);
    private readonly SortedDictionary<long, double> _bestOfBase = [];

    /// <summary>Sums the runs up.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="cells">How each cell ended, in the plan's order.</param>
    public SweepResults(SweepPlan plan, IReadOnlyList<CellOutcome> cells)
    {
        Plan = plan;
        Cells = cells;
        Metric = plan.Target.Metric ?? plan.SettingsOf(plan.Base, plan.Seeds[0]).Values.Training.Metric;
        foreach (var (seed, run) in RunsOf(plan.Base))
        {
            if (run.BestOf(Metric) is { } best)
            {
                _bestOfBase[seed] = best;
            }
        }

        foreach (var point in plan.Points)
        {
            _byPoint[point] = Sum(point);
        }

        Points = [.. plan.Points.Select(point => _byPoint[point])];
    }

    /// <summary>The sweep.</summary>
    public SweepPlan Plan { get; }

    /// <summary>How each cell ended.</summary>
    public IReadOnlyList<CellOutcome> Cells { get; }

    /// <summary>The metric that the target is about.</summary>
    public string Metric { get; }

    /// <summary>The value to reach, a mean over seeds where each has its own; null while the base has not run.</summary>
    public double? Target => Plan.Target.Value ?? (_bestOfBase.Count > 0 ? SweepTarget.ShareOfBase * _bestOfBase.Values.Average() : null);

    /// <summary>The points in the plan's order.</summary>
    public IReadOnlyList<PointSummary> Points { get; }

    /// <summary>A point's summary.</summary>
    public PointSummary this[SweepPoint point] => _byPoint[point];

    /// <summary>What a run with a seed has to reach: the value given, or a share of what the base reached with that seed; null while that has not run.</summary>
    public double? TargetOf(long seed) => Plan.Target.Value ?? (_bestOfBase.TryGetValue(seed, out var best) ? SweepTarget.ShareOfBase * best : null);

    /// <summary>What it took a run to reach the target; null when it did not.</summary>
    public double? CostOf(long seed, RunRecord run, Func<RunEvaluation, double> cost) =>
        TargetOf(seed) is { } target && TargetCrossing.First(run.Curve(Metric, cost), target) is { } reached && double.IsFinite(reached) ? reached : null;

    /// <summary>Batches to the target of a point over those of another, seed by seed, so that what a seed does to both cancels.</summary>
    /// <returns>The mean ratio with its interval; null when a seed of either did not reach the target, or has not run.</returns>
    public Interval? Ratio(SweepPoint point, SweepPoint to)
    {
        var others = RunsOf(to).ToDictionary(run => run.Seed, run => run.Run);
        var runs = RunsOf(point);
        var ratios = new List<double>();
        foreach (var (seed, run) in runs)
        {
            if (others.TryGetValue(seed, out var other) && CostOf(seed, run, Batches) is { } cost && CostOf(seed, other, Batches) is { } reference && reference > 0)
            {
                ratios.Add(cost / reference);
            }
        }

        return ratios.Count == Plan.Seeds.Count ? SampleMean.Of(ratios) : null;
    }

    /// <summary>The runs of a point that came to their end, by seed.</summary>
    public IReadOnlyList<(long Seed, RunRecord Run)> RunsOf(SweepPoint point) =>
        [.. Cells.Where(cell => cell.Run is not null && PointComparer.Instance.Equals(cell.Cell.Point, point)).Select(cell => (cell.Cell.Seed, cell.Run!))];

    internal static double Batches(RunEvaluation evaluation) => evaluation.Batches;

    private PointSummary Sum(SweepPoint point)
    {
        var runs = RunsOf(point);
        Interval? Mean(Func<RunRecord, double?> value) => MeanOf((_, run) => value(run));
        Interval? MeanOf(Func<long, RunRecord, double?> value)
        {
            var values = runs.Select(run => value(run.Seed, run.Run)).OfType<double>().ToArray();
            return values.Length > 0 && values.Length == Plan.Seeds.Count ? SampleMean.Of(values) : null;
        }

        return new PointSummary
        {
            Point = point,
            Label = Plan.Label(point),
            Differs = point.DistanceTo(Plan.Base),
            Runs = runs,
            Missing = Plan.Seeds.Count - runs.Count,
            Reached = runs.Count(run => CostOf(run.Seed, run.Run, Batches) is not null),
            Best = Mean(run => run.BestOf(Metric)),
            Batches = MeanOf((seed, run) => CostOf(seed, run, Batches)),
            Examples = MeanOf((seed, run) => CostOf(seed, run, evaluation => evaluation.Examples)),
            Seconds = MeanOf((seed, run) => CostOf(seed, run, evaluation => evaluation.Seconds)),
            BatchesOverBase = Ratio(point, Plan.Base),
            Idle = Mean(run => run.IdleShare),
            Traffic = Mean(run => run.TrafficBytes),
            Imbalance = Mean(run => run.LoadImbalance),
            Staleness = Mean(run => run.Staleness.Mean),
        };
    }

    private sealed class PointComparer : IEqualityComparer<SweepPoint>
    {
        public static PointComparer Instance { get; } = new();

        public bool Equals(SweepPoint? x, SweepPoint? y) => x is not null && y is not null && x.Values.SequenceEqual(y.Values, StringComparer.Ordinal);

        public int GetHashCode(SweepPoint point) => point.Values.Aggregate(0, (hash, value) => HashCode.Combine(hash, value));
    }
}
