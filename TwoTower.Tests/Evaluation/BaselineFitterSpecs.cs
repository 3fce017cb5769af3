using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;

namespace TwoTower.Tests.Evaluation;

/// <summary>Baselines on data that leave little to learn.</summary>
public class BaselineFitterSpecs
{
    [Fact]
    public void Every_baseline_that_learns_beats_a_random_ranking_where_users_have_tastes()
    {
        var data = SmallData.Make();
        var baselines = Fit(data, BaselineNames.All);

        Assert.Equal(BaselineNames.All, baselines.Select(baseline => baseline.Kind));
        Assert.All(baselines, baseline => Assert.True(baseline.Label.Length <= 28, baseline.Label));
        Assert.All(baselines, baseline => Assert.Null(baseline.Note));
        var recall = baselines.ToDictionary(baseline => baseline.Kind, baseline => Recall(data, baseline.Scorer!));
        Assert.All(new[] { BaselineKind.ItemKnn, BaselineKind.Ease, BaselineKind.ImplicitAls },
            kind => Assert.True(recall[kind] > recall[BaselineKind.Random] + 0.1, $"{kind}: {recall[kind]}"));
    }

    [Fact]
    public void Constant_popularity_is_said_to_tell_nothing_and_the_other_baselines_stand()
    {
        // Every user has every item but one, and each item is left out once.
        var pairs = (from user in Enumerable.Range(0, 10) from item in Enumerable.Range(0, 10) where user != item select (user, item))
            .ToArray();
        var data = Data(10, 10, pairs, [.. Enumerable.Range(0, 10).Select(user => (user, user))]);

        var baselines = Fit(data, BaselineNames.All);

        Assert.Contains("Every item has 9 train positives", baselines.Single(baseline => baseline.Kind == BaselineKind.Popularity).Note,
            StringComparison.Ordinal);
        Assert.All(baselines, baseline => Assert.Equal(1, Recall(data, baseline.Scorer!))); // one candidate is left for each
    }

    [Fact]
    public void One_user_is_enough_to_fit_and_too_few_for_a_winner()
    {
        var data = Data(1, 5, [(0, 0), (0, 1)], [(0, 3)]);
        var task = RankingTask.Validation(data);

        var results = Fit(data, BaselineNames.All)
            .Select(baseline => RankingEvaluator.Evaluate(baseline.Scorer!, task, RankingProtocol.Masked, [1], 1)).ToArray();

        var certain = new RankingResult(RankingProtocol.Masked, [0], new Dictionary<string, double[]> { ["recall@1"] = [2.0] },
            new Dictionary<int, double>());
        Assert.All(results, result => Assert.False(PairedDifference.Of(certain, result, "recall@1").Difference.ExcludesZero));
    }

    [Fact]
    public void A_catalogue_too_large_for_ease_leaves_the_other_baselines_standing()
    {
        var data = Data(2, 20_001, [(0, 0), (0, 1), (1, 0)], [(1, 1)]);

        var baselines = Fit(data, [BaselineKind.Random, BaselineKind.Popularity, BaselineKind.Ease]);

        Assert.Equal([true, true, false], baselines.Select(baseline => baseline.Scorer is not null));
        Assert.Contains("it is left out above 20,000 items", baselines[2].Note, StringComparison.Ordinal);
    }

    [Fact]
    public void A_user_who_has_seen_all_items_is_shown_nothing()
    {
        var data = Data(2, 3, [(0, 0), (0, 1), (0, 2), (1, 0)], [(1, 1)]);
        var everybody = new RankingTask(InteractionMatrix.From(2, 3, data.Train), InteractionMatrix.From(2, 3, data.Train));

        foreach (var baseline in Fit(data, BaselineNames.All))
        {
            Assert.Empty(RankingEvaluator.Recommend(baseline.Scorer!, everybody, 3, 1)[0]);
            Assert.Equal(2, RankingEvaluator.Recommend(baseline.Scorer!, everybody, 3, 1)[1].Length);
        }
    }

    private static Baseline[] Fit(RecommenderData data, IReadOnlyList<BaselineKind> kinds)
    {
        var fitter = new BaselineFitter(data, "recall@1", seed: 1, parallelism: 2);
        return [.. kinds.Select(fitter.Fit)];
    }

    private static double Recall(RecommenderData data, IItemScorer scorer)
    {
        var cutoff = Math.Max(1, data.Items.Count / 5);
        return RankingEvaluator.Evaluate(scorer, RankingTask.Validation(data), RankingProtocol.Masked, [cutoff], 2)
            .Mean($"recall@{cutoff}");
    }

    private static RecommenderData Data(int users, int items, (int User, int Item)[] train, (int User, int Item)[] validation) =>
        SmallData.Make() with
        {
            Users = new IdCatalogue([.. Enumerable.Range(0, users).Select(user => $"u{user}")]),
            Items = new IdCatalogue([.. Enumerable.Range(0, items).Select(item => $"i{item}")]),
            Train = Log(train),
            Validation = Log(validation),
        };

    private static InteractionLog Log((int User, int Item)[] pairs) =>
        new([.. pairs.Select(pair => pair.User)], [.. pairs.Select(pair => pair.Item)],
            [.. Enumerable.Range(0, pairs.Length).Select(n => (long)n)]);
}
