using TwoTower.Model.Evaluation;

namespace TwoTower.Model.Diagnosis;

/// <summary>What users are shown, measured without regard to whether it is right.</summary>
/// <param name="MeanPercentile">Mean popularity percentile of what is shown: 1 is the item with most train positives, 0.5 the middle of the catalogue.</param>
/// <param name="Coverage">Share of the catalogue that is shown to anybody.</param>
/// <param name="Gini">Gini coefficient of how often items are shown, over the catalogue: 0 when all alike, near 1 when a few take all.</param>
public sealed record RecommendedItems(double MeanPercentile, double Coverage, double Gini)
{
    /// <summary>Measures lists.</summary>
    /// <param name="lists">Per user what is shown.</param>
    /// <param name="percentiles">Popularity percentile of every item (see <see cref="Percentiles"/>).</param>
    public static RecommendedItems Of(IReadOnlyList<int[]> lists, double[] percentiles)
    {
        var shown = new double[percentiles.Length];
        var (sum, count) = (0.0, 0L);
        foreach (var list in lists)
        {
            foreach (var item in list)
            {
                shown[item]++;
                sum += percentiles[item];
                count++;
            }
        }

        return new RecommendedItems(count == 0 ? 0 : sum / count, shown.Count(times => times > 0) / (double)Math.Max(1, shown.Length), GiniOf(shown));
    }

    /// <summary>Popularity percentile of every item by its train positives, in [0, 1]: the share of other items that it leaves behind, ties shared.</summary>
    public static double[] Percentiles(IReadOnlyList<int> counts) =>
        Array.ConvertAll(RankCorrelation.Ranks([.. counts.Select(count => (double)count)]), rank => rank / Math.Max(1, counts.Count - 1));

    /// <summary>The share of shown items that their user has among the seen items of a task.</summary>
    /// <param name="lists">Per user of the task what is shown.</param>
    /// <param name="task">Users and seen items.</param>
    /// <returns>In [0, 1]; 0 when nothing is shown.</returns>
    public static double SeenShare(IReadOnlyList<int[]> lists, RankingTask task)
    {
        var (seen, all) = (0L, 0L);
        for (var row = 0; row < lists.Count; row++)
        {
            all += lists[row].Length;
            seen += lists[row].Count(item => task.Seen.Contains(task.Users[row], item));
        }

        return all == 0 ? 0 : (double)seen / all;
    }

    /// <summary>The share of what one ranking shows that another shows to the same users too.</summary>
    /// <param name="lists">Per user what one shows.</param>
    /// <param name="others">Per user what the other shows.</param>
    public static double Overlap(IReadOnlyList<int[]> lists, IReadOnlyList<int[]> others)
    {
        var (both, all) = (0L, 0L);
        foreach (var (list, other) in lists.Zip(others))
        {
            both += list.Count(other.Contains);
            all += list.Length;
        }

        return all == 0 ? 0 : (double)both / all;
    }

    /// <summary>Mean popularity percentile of a task's positives: what the right answers are like.</summary>
    public static double PercentileOfPositives(RankingTask task, double[] percentiles)
    {
        var (sum, count) = (0.0, 0);
        foreach (var user in task.Users)
        {
            foreach (var item in task.Positives.ItemsOf(user))
            {
                sum += percentiles[item];
                count++;
            }
        }

        return count == 0 ? 0 : sum / count;
    }

    /// <summary>The Gini coefficient (Gini 1912): Σ (2i − n − 1) xᵢ / (n Σ x) over ascending x.</summary>
    private static double GiniOf(double[] values)
    {
        var total = values.Sum();
        return total == 0 ? 0 : values.Order().Select((value, n) => ((2.0 * (n + 1)) - values.Length - 1) * value).Sum() / (values.Length * total);
    }
}
