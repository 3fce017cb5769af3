using TwoTower.Model.Evaluation;

namespace TwoTower.Model.Diagnosis;

/// <summary>What users are shown, measured without regard to whether it is right.</summary>
public static class RecommendedItems
{
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
}
