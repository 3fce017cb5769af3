using TwoTower.Model.Evaluation;

namespace TwoTower.Node.Sweeps;

/// <summary>How a cell ended.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Run">Its run, when it came to its end.</param>
/// <param name="Failure">Why it did not; null when it did or has not run yet.</param>
internal sealed record CellOutcome(SweepCell Cell, RunRecord? Run, string? Failure);

/// <summary>A sweep's runs and what follows from them. With rolling windows every mean is over those that choose; what the last
/// says is in <see cref="Windows"/>.</summary>
internal sealed class SweepResults
{
    private readonly Dictionary<SweepPoint, PointSummary> _byPoint = new(PointComparer.Instance);
    private readonly SortedDictionary<(long Seed, int? Window), double> _bestOfBase = [];

    /// <summary>Sums the runs up.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="cells">How each cell ended, in the plan's order.</param>
    /// <param name="perUser">A run's masked values of a metric by user, for pairs over the last
    /// window; null when they are not known.</param>
    public SweepResults(SweepPlan plan, IReadOnlyList<CellOutcome> cells, Func<RunRecord, string, UserValues?>? perUser = null)
    {
        Plan = plan;
        Cells = cells;
        Metric = plan.Target.Metric ?? plan.SettingsOf(plan.Base, plan.Seeds[0]).Values.Training.Metric;
        foreach (var (cell, run, _) in cells)
        {
            if (run?.BestOf(Metric) is { } best && PointComparer.Instance.Equals(cell.Point, plan.Base))
            {
                _bestOfBase[(cell.Seed, cell.Window)] = best;
            }
        }

        foreach (var point in plan.Points)
        {
            _byPoint[point] = Sum(point);
        }

        Points = [.. plan.Points.Select(point => _byPoint[point])];
        Windows = plan.Windows > 1 ? SweepWindows.Of(this, perUser ?? ((_, _) => null)) : null;
    }

    /// <summary>The sweep.</summary>
    public SweepPlan Plan { get; }

    /// <summary>How each cell ended.</summary>
    public IReadOnlyList<CellOutcome> Cells { get; }

    /// <summary>The metric that the target is about.</summary>
    public string Metric { get; }

    /// <summary>The value to reach, a mean over the base's runs where each has its own; null while the base has not run.</summary>
    public double? Target => Plan.Target.Value ?? (RunsOf(Plan.Base).Select(run => TargetOf(run.Cell)).OfType<double>()
        .ToArray() is { Length: > 0 } targets ? targets.Average() : null);

    /// <summary>What rolling windows say; null without them.</summary>
    public SweepWindows? Windows { get; }

    /// <summary>The points in the plan's order.</summary>
    public IReadOnlyList<PointSummary> Points { get; }

    /// <summary>A point's summary.</summary>
    public PointSummary this[SweepPoint point] => _byPoint[point];

    /// <summary>What a cell's run has to reach: the value given, or a share of what the base reached with its seed in its
    /// window; null while that has not run.</summary>
    public double? TargetOf(SweepCell cell) => Plan.Target.Value
        ?? (_bestOfBase.TryGetValue((cell.Seed, cell.Window), out var best) ? SweepTarget.ShareOfBase * best : null);

    /// <summary>What it took a run to reach the target; null when it did not.</summary>
    public double? CostOf(SweepCell cell, RunRecord run, Func<RunEvaluation, double> cost) =>
        TargetOf(cell) is { } target && TargetCrossing.First(run.Curve(Metric, cost), target) is { } reached && double.IsFinite(reached)
            ? reached : null;

    /// <summary>Batches to the target of a point over those of another, seed by seed and window by window, so that what a seed or
    /// a window does to both cancels.</summary>
    /// <returns>The mean ratio with its interval; null when a run of either did not reach the target, or has not run.</returns>
    public Interval? Ratio(SweepPoint point, SweepPoint to)
    {
        var others = RunsOf(to).ToDictionary(run => (run.Cell.Seed, run.Cell.Window), run => run.Run);
        return MeanOf(RunsOf(point), (cell, run) =>
            others.TryGetValue((cell.Seed, cell.Window), out var other) && CostOf(cell, run, Batches) is { } cost
                && CostOf(cell with { Point = to }, other, Batches) is { } reference && reference > 0 ? cost / reference : null);
    }

    /// <summary>The runs of a point that came to their end, by seed and window; those in the last window, which has no part
    /// in any mean, are not among them.</summary>
    public IReadOnlyList<(SweepCell Cell, RunRecord Run)> RunsOf(SweepPoint point) =>
        [.. Cells.Where(cell => cell.Run is not null && !Plan.IsLast(cell.Cell) && PointComparer.Instance.Equals(cell.Cell.Point, point))
            .Select(cell => (cell.Cell, cell.Run!))];

    internal static double Batches(RunEvaluation evaluation) => evaluation.Batches;

    // With windows these are what varies: the mean of the seeds is one value of each. Without, every seed is one.
    private Interval? MeanOf(IReadOnlyList<(SweepCell Cell, RunRecord Run)> runs, Func<SweepCell, RunRecord, double?> value)
    {
        var values = runs.Select(run => (run.Cell, Value: value(run.Cell, run.Run))).Where(run => run.Value is not null).ToArray();
        return values.Length == 0 || values.Length != Plan.RunsPerPoint
            ? null
            : SampleMean.Of([.. values.GroupBy(run => run.Cell.Window ?? run.Cell.Seed)
                .Select(group => group.Average(run => run.Value!.Value))]);
    }

    private PointSummary Sum(SweepPoint point)
    {
        var runs = RunsOf(point);
        Interval? Mean(Func<RunRecord, double?> value) => this.MeanOf(runs, (_, run) => value(run));
        Interval? MeanOf(Func<SweepCell, RunRecord, double?> value) => this.MeanOf(runs, value);

        return new PointSummary
        {
            Point = point,
            Label = Plan.Label(point),
            Differs = point.DistanceTo(Plan.Base),
            Runs = runs,
            Missing = Plan.RunsPerPoint - runs.Count,
            Reached = runs.Count(run => CostOf(run.Cell, run.Run, Batches) is not null),
            Best = Mean(run => run.BestOf(Metric)),
            Batches = MeanOf((cell, run) => CostOf(cell, run, Batches)),
            Examples = MeanOf((cell, run) => CostOf(cell, run, evaluation => evaluation.Examples)),
            Seconds = MeanOf((cell, run) => CostOf(cell, run, evaluation => evaluation.Seconds)),
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

        public bool Equals(SweepPoint? x, SweepPoint? y) => x is not null && y is not null
            && x.Values.SequenceEqual(y.Values, StringComparer.Ordinal);

        public int GetHashCode(SweepPoint point) => point.Values.Aggregate(0, (hash, value) => HashCode.Combine(hash, value));
    }
}
