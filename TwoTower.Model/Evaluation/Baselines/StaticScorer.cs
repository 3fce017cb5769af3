using TwoTower.Model.Data;

namespace TwoTower.Model.Evaluation.Baselines;

/// <summary>The same scores for every user.</summary>
/// <param name="scores">One score per item.</param>
internal sealed class StaticScorer(float[] scores) : IItemScorer
{
    /// <inheritdoc />
    public int Items => scores.Length;

    /// <summary>Chance: all items alike. Equal scores are worth their expectation, so this is the mean over all random rankings.</summary>
    /// <param name="items">Catalogue size.</param>
    public static StaticScorer Chance(int items) => new(new float[items]);

    /// <summary>Popularity: train positives per item.</summary>
    public static StaticScorer Popularity(RecommenderData data) => new(Counts(data, 0));

    /// <summary>Popularity over the last share of the train positives in time order. Those of one second are not divided: which of them
    /// came first, nobody knows.</summary>
    /// <param name="data">The data.</param>
    /// <param name="share">In (0, 1].</param>
    public static StaticScorer RecentPopularity(RecommenderData data, double share)
    {
        var from = data.Train.Count - Math.Max(1, (int)Math.Round(data.Train.Count * share));
        while (from > 0 && data.Train.Timestamps[from - 1] == data.Train.Timestamps[from])
        {
            from--;
        }

        return new StaticScorer(Counts(data, from));
    }

    /// <inheritdoc />
    public void Score(ReadOnlySpan<int> users, Span<float> target)
    {
        for (var n = 0; n < users.Length; n++)
        {
            scores.CopyTo(target[(n * scores.Length)..]);
        }
    }

    private static float[] Counts(RecommenderData data, int from)
    {
        var counts = new float[data.Items.Count];
        for (var n = from; n < data.Train.Count; n++)
        {
            counts[data.Train.Items[n]]++;
        }

        return counts;
    }
}

/// <summary>Recent popularity with the window that does best.</summary>
/// <param name="Share">The share of train positives that counts.</param>
/// <param name="Scorer">The scores.</param>
internal sealed record RecentPopularity(double Share, StaticScorer Scorer)
{
    /// <summary>The windows that are tried: shares of the train positives, latest first.</summary>
    public static readonly IReadOnlyList<double> Shares = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5];

    /// <summary>Tries every window; the shorter one wins a tie.</summary>
    /// <param name="data">The data.</param>
    /// <param name="validation">What is ranked to choose.</param>
    /// <param name="metric">The deciding metric, seen items masked.</param>
    /// <param name="parallelism">Threads.</param>
    public static RecentPopularity Choose(RecommenderData data, RankingTask validation, string metric, int parallelism)
    {
        var choice = GridChoice<double, StaticScorer>.Best(Shares, share => StaticScorer.RecentPopularity(data, share), validation, metric,
            parallelism);
        return new RecentPopularity(choice.Option, choice.Scorer);
    }
}
