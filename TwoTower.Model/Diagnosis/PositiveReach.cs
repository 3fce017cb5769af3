using TwoTower.Model.Evaluation;

namespace TwoTower.Model.Diagnosis;

/// <summary>How many of the held-out positives a trained item can stand for.</summary>
/// <param name="Positives">Held-out positives of the evaluated users.</param>
/// <param name="Outside">Those whose item is not in the catalogue.</param>
/// <param name="Untrained">Those whose item has no train positive: its vector is what it was initialised with.</param>
/// <param name="Rare">Those whose item has train positives, and fewer than <paramref name="Least"/>.</param>
/// <param name="Least">Train positives from which on an item counts as trained.</param>
internal sealed record PositiveReach(int Positives, int Outside, int Untrained, int Rare, int Least)
{
    /// <summary>Share of the held-out positives that are outside, untrained or rare; 0 when there are none.</summary>
    public double ColdShare => Positives == 0 ? 0 : (double)(Outside + Untrained + Rare) / Positives;

    /// <summary>Counts.</summary>
    /// <param name="task">Users and positives.</param>
    /// <param name="trainCounts">Train positives of every item.</param>
    /// <param name="least">Train positives from which on an item counts as trained.</param>
    public static PositiveReach Of(RankingTask task, IReadOnlyList<int> trainCounts, int least = 5)
    {
        var (outside, untrained, rare, all) = (0, 0, 0, 0);
        foreach (var user in task.Users)
        {
            var items = task.Positives.ItemsOf(user);
            all += task.RelevantOf(user);
            outside += task.RelevantOf(user) - items.Length;
            foreach (var item in items)
            {
                untrained += trainCounts[item] == 0 ? 1 : 0;
                rare += trainCounts[item] > 0 && trainCounts[item] < least ? 1 : 0;
            }
        }

        return new PositiveReach(all, outside, untrained, rare, least);
    }
}
