namespace TwoTower.Model.Evaluation;

/// <summary>A bucket of items or users by their number of train positives.</summary>
/// <param name="From">The smallest count in it.</param>
/// <param name="To">The largest count in it.</param>
/// <param name="Members">Items or users in it.</param>
internal readonly record struct CountBucket(int From, int To, int Members);

/// <summary>Items or users divided at quantiles of their number of train positives. Equal counts are never divided, so there may be fewer
/// buckets than quantiles ask for: with constant counts there is one.</summary>
internal sealed class CountBuckets
{
    /// <summary>Where items are divided: half of a catalogue has few interactions and a hundredth many.</summary>
    public static readonly IReadOnlyList<double> ItemQuantiles = [0.5, 0.9, 0.99];

    /// <summary>Where users are divided.</summary>
    public static readonly IReadOnlyList<double> UserQuantiles = [0.25, 0.5, 0.75];

    private readonly CountBucket[] _buckets;

    private CountBuckets(CountBucket[] buckets) => _buckets = buckets;

    /// <summary>The buckets, by rising counts.</summary>
    public IReadOnlyList<CountBucket> All => _buckets;

    /// <summary>Divides some counts.</summary>
    /// <param name="counts">One count per item or user.</param>
    /// <param name="quantiles">Rising, in (0, 1).</param>
    public static CountBuckets Of(IReadOnlyCollection<int> counts, IReadOnlyList<double> quantiles)
    {
        var sorted = counts.Order().ToArray();
        var buckets = new List<CountBucket>();
        var start = 0;
        foreach (var quantile in quantiles.Append(1))
        {
            // The bucket ends with the last of those that are equal to the quantile.
            var end = Math.Clamp((int)Math.Ceiling((quantile * sorted.Length) - 1e-9), 0, sorted.Length);
            while (end > 0 && end < sorted.Length && sorted[end] == sorted[end - 1])
            {
                end++;
            }

            if (end > start)
            {
                buckets.Add(new CountBucket(sorted[start], sorted[end - 1], end - start));
                start = end;
            }
        }

        return new CountBuckets([.. buckets]);
    }

    /// <summary>Index of the bucket of a count, the nearest one below where no bucket has it.</summary>
    public int IndexOf(int count)
    {
        var at = 0;
        while (at + 1 < _buckets.Length && count >= _buckets[at + 1].From)
        {
            at++;
        }

        return at;
    }
}
