namespace TwoTower.Actors.Protocol.Reports;

/// <summary>Counts of staleness, as a shard measured them. Adding two gives the counts of both.</summary>
public sealed class StalenessCounts
{
    /// <summary>τ from this on is counted together.</summary>
    public const int Cap = 1024;

    /// <summary>Counts of τ = 0 … <see cref="Cap"/> by table (0 users, 1 items) and popularity bucket.</summary>
    public long[][][] Histograms { get; } =
        [.. Enumerable.Range(0, 2).Select(_ => PopularityBuckets.Names.Select(_ => new long[Cap + 1]).ToArray())];

    /// <summary>Σ τ over pushed rows, without the cap.</summary>
    public long Sum { get; set; }

    /// <summary>Rows pushed.</summary>
    public long Rows { get; set; }

    /// <summary>Largest τ.</summary>
    public long Max { get; set; }

    /// <summary>Pushes.</summary>
    public long Pushes { get; set; }

    /// <summary>Σ over pushes of the shard versions between pull and push.</summary>
    public long VersionSum { get; set; }

    /// <summary>Counts of pushes by the shard's versions between pull and push, 0 … <see cref="Cap"/>; of
    /// pushes that have rows on the shard.</summary>
    public long[] Versions { get; } = new long[Cap + 1];

    /// <summary>Pushes that were too stale to be applied, by the shard's own judgement of its rows.</summary>
    public long Dropped { get; set; }

    /// <summary>Largest distance in clocks between a push and the furthest pull of another worker that missed it.</summary>
    public long MaxClocks { get; set; }

    /// <summary>Pushes for which that distance was above the configured bound.</summary>
    public long BoundViolations { get; set; }

    /// <summary>Adds another shard's counts.</summary>
    public void Add(StalenessCounts other)
    {
        for (var table = 0; table < 2; table++)
        {
            for (var bucket = 0; bucket < PopularityBuckets.Names.Count; bucket++)
            {
                for (var tau = 0; tau <= Cap; tau++)
                {
                    Histograms[table][bucket][tau] += other.Histograms[table][bucket][tau];
                }
            }
        }

        Sum += other.Sum;
        Rows += other.Rows;
        Max = Math.Max(Max, other.Max);
        Pushes += other.Pushes;
        VersionSum += other.VersionSum;
        Dropped += other.Dropped;
        for (var versions = 0; versions <= Cap; versions++)
        {
            Versions[versions] += other.Versions[versions];
        }

        MaxClocks = Math.Max(MaxClocks, other.MaxClocks);
        BoundViolations += other.BoundViolations;
    }

    /// <summary>Counts of τ = 0, 1, 2, … by "table/bucket" (for example "item/top 1%"), up to the
    /// largest τ that was counted there.</summary>
    public IReadOnlyDictionary<string, long[]> ByBucket()
    {
        var histograms = new SortedDictionary<string, long[]>(StringComparer.Ordinal);
        foreach (var (table, name) in new[] { (0, "user"), (1, "item") })
        {
            for (var bucket = 0; bucket < PopularityBuckets.Names.Count; bucket++)
            {
                var counts = Histograms[table][bucket];
                histograms.Add($"{name}/{PopularityBuckets.Names[bucket]}",
                    counts[..(Array.FindLastIndex(counts, count => count > 0) + 1)]);
            }
        }

        return histograms;
    }

    /// <summary>A copy that does not change any more.</summary>
    public StalenessCounts Clone()
    {
        var copy = new StalenessCounts();
        copy.Add(this);
        return copy;
    }

    /// <summary>The smallest τ that at least <paramref name="share"/> of the pushed rows do not exceed
    /// (<see cref="Cap"/> when it is beyond).</summary>
    public double Percentile(double share)
    {
        var seen = 0L;
        for (var tau = 0; tau <= Cap; tau++)
        {
            seen += Histograms.Sum(table => table.Sum(bucket => bucket[tau]));
            if (Rows == 0 || seen >= share * Rows)
            {
                return tau;
            }
        }

        return Cap;
    }
}
