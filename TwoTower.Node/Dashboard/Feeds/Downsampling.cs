namespace TwoTower.Node.Dashboard.Feeds;

/// <summary>Fewer points that look like all of them.</summary>
internal static class Downsampling
{
    /// <summary>Rows to keep: of every bucket of equally many rows those where a column is lowest and highest, and the first and the last
    /// row. So no spike is lost, which a choice of every nth row or a mean would hide.</summary>
    /// <param name="rows">Rows that there are.</param>
    /// <param name="buckets">Buckets, at least 1.</param>
    /// <param name="columns">Columns of that many rows; values that are not known count for nothing.</param>
    /// <returns>Ascending row numbers: at most 2 · buckets · columns + 2, or all where there are no more rows than that.</returns>
    public static IReadOnlyList<int> Rows(int rows, int buckets, params IReadOnlyList<double?>[] columns)
    {
        if (rows <= (2 * buckets * columns.Length) + 2)
        {
            return [.. Enumerable.Range(0, rows)];
        }

        var kept = new SortedSet<int> { 0, rows - 1 };
        for (var bucket = 0; bucket < buckets; bucket++)
        {
            var (from, to) = Bounds(rows, buckets, bucket);
            foreach (var column in columns)
            {
                var (low, high) = (-1, -1);
                for (var row = from; row < to; row++)
                {
                    if (column[row] is not { } value)
                    {
                        continue;
                    }

                    low = low < 0 || value < column[low] ? row : low;
                    high = high < 0 || value > column[high] ? row : high;
                }

                if (low >= 0)
                {
                    kept.Add(low);
                    kept.Add(high);
                }
            }
        }

        return [.. kept];
    }

    /// <summary>The mean of the bucket that each kept row lies in.</summary>
    /// <param name="column">All values.</param>
    /// <param name="kept">What <see cref="Rows"/> gave.</param>
    /// <param name="buckets">As there.</param>
    public static IReadOnlyList<double?> Means(IReadOnlyList<double?> column, IReadOnlyList<int> kept, int buckets)
    {
        var means = new double?[buckets];
        for (var bucket = 0; bucket < buckets; bucket++)
        {
            var (from, to) = Bounds(column.Count, buckets, bucket);
            var (sum, count) = (0.0, 0);
            for (var row = from; row < to; row++)
            {
                if (column[row] is { } value)
                {
                    (sum, count) = (sum + value, count + 1);
                }
            }

            means[bucket] = count > 0 ? sum / count : null;
        }

        return [.. kept.Select(row => means[(int)((((long)row + 1) * buckets - 1) / column.Count)])];
    }

    /// <summary>Rows of a bucket: from the first to before the second.</summary>
    public static (int From, int To) Bounds(int rows, int buckets, int bucket) =>
        ((int)((long)rows * bucket / buckets), (int)((long)rows * (bucket + 1) / buckets));
}
