namespace TwoTower.Actors.Protocol.Reports;

/// <summary>Staleness as measured on the shards.</summary>
/// <param name="Mean">Mean over pushed rows of the pushes that the row had since it was pulled.</param>
/// <param name="P50">Median of the same.</param>
/// <param name="P99">99th percentile of the same.</param>
/// <param name="Max">Maximum of the same.</param>
/// <param name="Bound">The configured bound in clocks, or null for asp.</param>
/// <param name="BoundViolations">Pushes that were applied after a pull which should have seen them.</param>
/// <param name="MaxClocks">Largest distance in clocks between a push and the furthest pull that missed it.</param>
/// <param name="MeanVersions">Mean over pushes of the shard versions between pull and push.</param>
/// <param name="Histograms">Counts of τ = 0, 1, 2, … by "table/bucket" (for example "item/top 1%").</param>
public sealed record StalenessReport(
    double Mean, double P50, double P99, double Max, int? Bound, long BoundViolations, long MaxClocks, double MeanVersions,
    IReadOnlyDictionary<string, long[]> Histograms)
{
    /// <summary>Counts of pushes by the shard's versions between pull and push, 0, 1, 2, …: pushes applied, under softsync updates of the
    /// weights. A push counts on every shard that it has rows on.</summary>
    public IReadOnlyList<long> Versions { get; init; } = [];

    /// <summary>Pushes that were not applied because they were too stale, summed over shards.</summary>
    public long DroppedPushes { get; init; }

    /// <summary>Batches whose gradient was too late for its round of backup workers; each was computed again.</summary>
    public long LateBatches { get; init; }
}
