namespace TwoTower.Node.Timelines;

/// <summary>A trace made ready to be drawn. Times are in <see cref="UnitSeconds"/>, grids go over the whole run in equal steps.</summary>
internal sealed record Timeline
{
    /// <summary>Seconds of one unit of time.</summary>
    public required double UnitSeconds { get; init; }

    /// <summary>Length of the run in units.</summary>
    public required long Length { get; init; }

    /// <summary>Events in the trace.</summary>
    public required long Events { get; init; }

    /// <summary>Whether the run ended by itself.</summary>
    public required bool Ended { get; init; }

    /// <summary>Hash of the trace, or null when it has none.</summary>
    public required string? Sha256 { get; init; }

    /// <summary>Seconds of a cell, when lanes had to be drawn on a grid because they change too
    /// often; 0 when every change is there.</summary>
    public required double LaneCellSeconds { get; init; }

    /// <summary>Per worker: units since the change before, new state, and so on. See <see cref="LaneState"/>.</summary>
    public required IReadOnlyList<long[]> Lanes { get; init; }

    /// <summary>Per worker: its clock at the end of each step of the grid, as differences; -1 before its first lease.</summary>
    public required IReadOnlyList<int[]> Clocks { get; init; }

    /// <summary>Per shard: bytes in and out within each step of the grid.</summary>
    public required IReadOnlyList<long[]> ShardBytes { get; init; }

    /// <summary>Per bucket of <see cref="StalenessLabels"/>: rows pushed with that staleness within each step of the grid.</summary>
    public required IReadOnlyList<long[]> Staleness { get; init; }

    /// <summary>What the buckets of staleness are: the mean τ of a push's rows on a shard.</summary>
    public required IReadOnlyList<string> StalenessLabels { get; init; }

    /// <summary>Faults, by time.</summary>
    public required IReadOnlyList<TimelineFault> Faults { get; init; }

    /// <summary>Faults that were left out because there are too many to draw.</summary>
    public required int FaultsLeftOut { get; init; }

    /// <summary>Evaluations, by time of arrival.</summary>
    public required IReadOnlyList<TimelineScore> Scores { get; init; }
}

/// <summary>A fault.</summary>
/// <param name="At">When.</param>
/// <param name="Node">Where, or null for the whole world.</param>
/// <param name="What">What.</param>
internal sealed record TimelineFault(long At, string? Node, string What);

/// <summary>A metric.</summary>
/// <param name="At">When it arrived at the trainer.</param>
/// <param name="Step">Batches applied.</param>
/// <param name="Value">The metric.</param>
internal sealed record TimelineScore(long At, long Step, double Value);
