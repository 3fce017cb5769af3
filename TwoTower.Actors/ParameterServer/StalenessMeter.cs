namespace TwoTower.Actors.ParameterServer;

/// <summary>Popularity buckets of one table's rows, by rank in train frequency.</summary>
public sealed class PopularityBuckets
{
    /// <summary>Names of the buckets, most popular first.</summary>
    public static readonly IReadOnlyList<string> Names = ["top 1%", "top 10%", "top 50%", "rest"];

    private static readonly double[] UpperShare = [0.01, 0.10, 0.50, 1.0];
    private readonly byte[] _bucketOf;

    /// <summary>Ranks rows by frequency, ties by row.</summary>
    public PopularityBuckets(ReadOnlySpan<int> frequencies)
    {
        var counts = frequencies.ToArray();
        _bucketOf = new byte[counts.Length];
        var rank = 0;
        foreach (var row in Enumerable.Range(0, counts.Length).OrderByDescending(row => counts[row]).ThenBy(row => row))
        {
            var share = (rank++ + 0.5) / counts.Length;
            _bucketOf[row] = (byte)Array.FindIndex(UpperShare, upper => share < upper);
        }
    }

    /// <summary>The bucket of a row, an index into <see cref="Names"/>.</summary>
    public int Of(int row) => _bucketOf[row];
}

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
        MaxClocks = Math.Max(MaxClocks, other.MaxClocks);
        BoundViolations += other.BoundViolations;
    }

    /// <summary>A copy that does not change any more.</summary>
    public StalenessCounts Clone()
    {
        var copy = new StalenessCounts();
        copy.Add(this);
        return copy;
    }

    /// <summary>The smallest τ that at least <paramref name="share"/> of the pushed rows do not exceed (<see cref="Cap"/> when it is beyond).</summary>
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
