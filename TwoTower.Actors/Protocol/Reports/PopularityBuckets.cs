namespace TwoTower.Actors.Protocol.Reports;

/// <summary>Popularity buckets of one table's rows, by rank in train frequency.</summary>
internal sealed class PopularityBuckets
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
