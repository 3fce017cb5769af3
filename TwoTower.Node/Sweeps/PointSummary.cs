using TwoTower.Model.Evaluation;

namespace TwoTower.Node.Sweeps;

/// <summary>What the seeds of one point gave together, in the windows that choose where there are windows. A mean is null when a run has no
/// value: the mean of those that have one would flatter the point.</summary>
internal sealed record PointSummary
{
    /// <summary>The point.</summary>
    public required SweepPoint Point { get; init; }

    /// <summary>Its name.</summary>
    public required string Label { get; init; }

    /// <summary>Axes on which it is not the base.</summary>
    public required int Differs { get; init; }

    /// <summary>Runs of it that came to their end, in the order of seeds and windows.</summary>
    public required IReadOnlyList<(SweepCell Cell, RunRecord Run)> Runs { get; init; }

    /// <summary>Runs that failed or are still missing.</summary>
    public required int Missing { get; init; }

    /// <summary>Runs that reached the target.</summary>
    public required int Reached { get; init; }

    /// <summary>Best value of the metric.</summary>
    public required Interval? Best { get; init; }

    /// <summary>Batches to the target.</summary>
    public required Interval? Batches { get; init; }

    /// <summary>Examples to the target.</summary>
    public required Interval? Examples { get; init; }

    /// <summary>Seconds to the target.</summary>
    public required Interval? Seconds { get; init; }

    /// <summary>Batches to the target over those of the base with the same seed and window.</summary>
    public required Interval? BatchesOverBase { get; init; }

    /// <summary>The workers' idle share.</summary>
    public required Interval? Idle { get; init; }

    /// <summary>Bytes sent over the whole run.</summary>
    public required Interval? Traffic { get; init; }

    /// <summary>Busiest shard over mean shard.</summary>
    public required Interval? Imbalance { get; init; }

    /// <summary>Mean staleness of pushed rows.</summary>
    public required Interval? Staleness { get; init; }

    /// <summary>Whether all of its runs are there.</summary>
    public bool IsWhole => Missing == 0;
}
