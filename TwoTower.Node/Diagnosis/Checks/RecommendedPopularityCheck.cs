using TwoTower.Model.Diagnosis;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;
using TwoTower.Node.Plots;

namespace TwoTower.Node.Diagnosis.Checks;

/// <summary>Scores that go by popularity alone, or against it.</summary>
internal sealed class RecommendedPopularityCheck : ICheck
{
    private const int MostUsers = 200;

    /// <summary>Share of the shown items that popularity shows too, from which on a model is taken for popularity.</summary>
    private const double HeadOnly = 0.8;

    /// <summary>Percentile by which what is shown may be less popular than the right answers.</summary>
    private const double TailHeavy = 0.05;

    /// <inheritdoc />
    public string Name => "popularity of what is recommended";

    /// <inheritdoc />
    public string Question => "Do scores go with popularity as far as the right answers do, neither more nor less?";

    /// <inheritdoc />
    public Finding? Look(DiagnosisSubject subject)
    {
        var users = subject.UsersOrSay();
        var scorer = new DotProductScorer(subject.EmbeddingsOrSay());
        var counts = subject.Train().ItemCounts;
        if (counts.Min() == counts.Max())
        {
            throw new NotLookedException($"every item has {counts[0]} train positives, so there is no popularity to compare with");
        }

        var percentiles = RecommendedItems.Percentiles(counts);
        var k = subject.CostCutoff;
        var lists = subject.Lists(scorer, RankingProtocol.Masked, k);
        var byPopularity = subject.Lists(StaticScorer.Popularity(subject.Data), RankingProtocol.Masked, k);
        var (shown, head) = (RecommendedItems.Of(lists, percentiles), RecommendedItems.Of(byPopularity, percentiles));
        var right = RecommendedItems.PercentileOfPositives(subject.Tasks.Validation, percentiles);
        var overlap = RecommendedItems.Overlap(lists, byPopularity);
        var correlation = Correlation(scorer, users, counts);
        var isTail = shown.MeanPercentile < right - TailHeavy || correlation < 0;
        if (!isTail && overlap < HeadOnly)
        {
            return null;
        }

        return new Finding(
            Name,
            isTail
                ? FormattableString.Invariant(
                    $"Scores go against popularity: the top {k} lie at percentile {100 * shown.MeanPercentile:0} of it, and the right ")
                    + FormattableString.Invariant($"answers at {100 * right:0}.")
                : FormattableString.Invariant(
                    $"The model recommends the head only: {overlap:0%} of its top {k} are what popularity would show the same user."),
            [
                new Evidence("Spearman correlation of a user's scores with popularity, mean", correlation ?? double.NaN,
                    "1 is popularity itself, below 0 against it"),
                new Evidence($"mean popularity percentile of the top {k}", shown.MeanPercentile,
                    FormattableString.Invariant($"right answers {right:0.00}, popularity {head.MeanPercentile:0.00}")),
                new Evidence($"share of the catalogue in anybody's top {k}", shown.Coverage,
                    FormattableString.Invariant($"popularity {head.Coverage:0.00}")),
                new Evidence("Gini coefficient of how often items are shown", shown.Gini,
                    FormattableString.Invariant($"popularity {head.Gini:0.00}")),
                new Evidence($"share of the top {k} that popularity shows too", overlap, null),
            ],
            Advice.Only(isTail
                ? "Look for a prior that was taken away: softmax over sampled negatives without log q (loss.logQ), negatives drawn by "
                    + "popularity (loss.sampling), or too many of them. A prior (model.priorStrength) gives it back."
                : "Look for what keeps users from differing: too few or too easy negatives, too low a rate, too strong a prior "
                    + "(model.priorStrength) or a bias that explains everything."))
        {
            Severity = Severity.Harmful,
            WhyNoCost = "it is a symptom; causes have costs",
            Plots = [Plot(lists, byPopularity, subject, percentiles, k)],
        };
    }

    private static double? Correlation(DotProductScorer scorer, int[] users, int[] counts)
    {
        // Evenly over the users, because low numbers may be special.
        var sample = Enumerable.Range(0, Math.Min(MostUsers, users.Length))
            .Select(n => users[(int)((long)n * users.Length / Math.Min(MostUsers, users.Length))]).ToArray();
        var scores = new float[sample.Length * scorer.Items];
        scorer.Score(sample, scores);
        var popularity = counts.Select(count => (double)count).ToArray();
        var known = Enumerable.Range(0, sample.Length)
            .Select(n =>
                RankCorrelation.Spearman([.. scores.AsSpan(n * scorer.Items, scorer.Items).ToArray().Select(score => (double)score)],
                popularity))
            .Where(one => one is not null).Select(one => one!.Value).ToArray();
        return known.Length == 0 ? null : known.Average();
    }

    private static Chart Plot(IReadOnlyList<ShownItems> lists, IReadOnlyList<ShownItems> byPopularity, DiagnosisSubject subject,
        double[] percentiles, int k)
    {
        const int Bins = 10;
        double[] Shares(IEnumerable<ShownItems> items)
        {
            var bins = new ExactSum[Bins];
            foreach (var list in items)
            {
                for (var n = 0; n < list.Items.Length; n++)
                {
                    bins[Math.Min(Bins - 1, (int)(percentiles[list.Items[n]] * Bins))].Add(list.ChanceOf(n));
                }
            }

            var all = Math.Max(1, bins.Sum(bin => bin.Value));
            return Array.ConvertAll(bins, bin => 100 * bin.Value / all);
        }

        ChartSeries Line(string name, IEnumerable<ShownItems> items) =>
            new(name, [.. Shares(items).Select((share, n) => new ChartPoint(n, share))]);
        var task = subject.Tasks.Validation;
        return new Chart("popularity-shown", "Popularity of what is shown and of what is right", "popularity percentile of the item",
            "% of the items",
        [
            Line($"model's top {k}", lists),
            Line($"popularity's top {k}", byPopularity),
            Line("right answers", task.Users.Select(user => ShownItems.Exactly(task.Positives.ItemsOf(user).ToArray()))),
        ])
        {
            Categories = [.. Enumerable.Range(0, Bins).Select(n => $"{10 * n}-{10 * (n + 1)}")],
            YFrom = 0,
            Caption = "Tenths of the catalogue by train positives, the most popular at the right.",
        };
    }
}
