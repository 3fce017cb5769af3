using TwoTower.Model.Evaluation;

namespace TwoTower.Model.Diagnosis;

/// <summary>What users are shown, measured without regard to whether it is right. An item that ties at the end of
/// a list counts with its chance.</summary>
/// <param name="MeanPercentile">Mean popularity percentile of what is shown: 1 is the item with most train positives,
/// 0.5 the middle of the catalogue.</param>
/// <param name="Coverage">Expected share of the catalogue that is shown to anybody.</param>
/// <param name="Gini">Gini coefficient of how often items are expected to be shown, over the catalogue: 0 when all
/// alike, near 1 when a few take all.</param>
internal sealed record RecommendedItems(double MeanPercentile, double Coverage, double Gini)
{
    /// <summary>Measures lists.</summary>
    /// <param name="lists">Per user what is shown.</param>
    /// <param name="percentiles">Popularity percentile of every item (see <see cref="Percentiles"/>).</param>
    public static RecommendedItems Of(IReadOnlyList<ShownItems> lists, double[] percentiles)
    {
        var (shown, missed, certain) = (new ExactSum[percentiles.Length], new ExactSum[percentiles.Length], new bool[percentiles.Length]);
        var (sum, count) = (default(ExactSum), default(ExactSum));
        foreach (var list in lists)
        {
            var missedAtCut = Math.Log(1 - list.ChanceAtCut);
            for (var n = 0; n < list.Items.Length; n++)
            {
                var (item, chance) = (list.Items[n], list.ChanceOf(n));
                shown[item].Add(chance);
                sum.Add(chance * percentiles[item]);
                count.Add(chance);
                certain[item] |= n < list.Certain;
                missed[item].Add(n < list.Certain ? 0 : missedAtCut);
            }
        }

        var covered = default(ExactSum);
        for (var item = 0; item < shown.Length; item++)
        {
            covered.Add(certain[item] ? 1 : 1 - Math.Exp(missed[item].Value));
        }

        return new RecommendedItems(count.Value == 0 ? 0 : sum.Value / count.Value, covered.Value / Math.Max(1, shown.Length),
            GiniOf(Array.ConvertAll(shown, times => times.Value)));
    }

    /// <summary>Popularity percentile of every item by its train positives, in [0, 1]: the share of other items that
    /// it leaves behind, ties shared.</summary>
    public static double[] Percentiles(IReadOnlyList<int> counts) =>
        Array.ConvertAll(RankCorrelation.Ranks([.. counts.Select(count => (double)count)]), rank => rank / Math.Max(1, counts.Count - 1));

    /// <summary>The share of shown items that their user has among the seen items of a task.</summary>
    /// <param name="lists">Per user of the task what is shown.</param>
    /// <param name="task">Users and seen items.</param>
    /// <returns>In [0, 1]; 0 when nothing is shown.</returns>
    public static double SeenShare(IReadOnlyList<ShownItems> lists, RankingTask task)
    {
        var (seen, all) = (default(ExactSum), default(ExactSum));
        for (var row = 0; row < lists.Count; row++)
        {
            for (var n = 0; n < lists[row].Items.Length; n++)
            {
                all.Add(lists[row].ChanceOf(n));
                seen.Add(task.Seen.Contains(task.Users[row], lists[row].Items[n]) ? lists[row].ChanceOf(n) : 0);
            }
        }

        return all.Value == 0 ? 0 : seen.Value / all.Value;
    }

    /// <summary>The share of what one ranking shows that another shows to the same users too; where both tie, one order is drawn for both,
    /// so that a ranking shows all of what it shows itself.</summary>
    /// <param name="lists">Per user what one shows.</param>
    /// <param name="others">Per user what the other shows.</param>
    public static double Overlap(IReadOnlyList<ShownItems> lists, IReadOnlyList<ShownItems> others)
    {
        var (both, all) = (default(ExactSum), default(ExactSum));
        foreach (var (list, other) in lists.Zip(others))
        {
            var chances = Enumerable.Range(0, other.Items.Length).ToDictionary(n => other.Items[n], other.ChanceOf);
            for (var n = 0; n < list.Items.Length; n++)
            {
                all.Add(list.ChanceOf(n));
                both.Add(Math.Min(list.ChanceOf(n), chances.GetValueOrDefault(list.Items[n])));
            }
        }

        return all.Value == 0 ? 0 : both.Value / all.Value;
    }

    /// <summary>Mean popularity percentile of a task's positives: what the right answers are like.</summary>
    public static double PercentileOfPositives(RankingTask task, double[] percentiles)
    {
        var (sum, count) = (default(ExactSum), 0);
        foreach (var user in task.Users)
        {
            foreach (var item in task.Positives.ItemsOf(user))
            {
                sum.Add(percentiles[item]);
                count++;
            }
        }

        return count == 0 ? 0 : sum.Value / count;
    }

    /// <summary>The Gini coefficient (Gini 1912): Σ (2i − n − 1) xᵢ / (n Σ x) over ascending x.</summary>
    private static double GiniOf(double[] values)
    {
        var total = values.Sum();
        return total == 0 ? 0 : values.Order().Select((value, n) => ((2.0 * (n + 1)) - values.Length - 1) * value)
            .Sum() / (values.Length * total);
    }
}
