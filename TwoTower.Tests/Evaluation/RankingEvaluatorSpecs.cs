using CsCheck;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;

namespace TwoTower.Tests.Evaluation;

public class RankingEvaluatorSpecs
{
    [Fact]
    public void The_top_items_are_those_of_a_full_sort_with_ties_by_item() =>
        Gen.Select(Gen.Int[0, 6].Array[1, 200], Gen.Int[1, 20]).Sample((levels, k) =>
        {
            k = Math.Min(k, levels.Length);
            var scores = levels.Select(level => level == 0 ? float.NegativeInfinity : level).ToArray();
            var top = new int[k];

            var found = new TopItems(k).Find(scores, top);

            var expected = Enumerable.Range(0, scores.Length).Where(item => levels[item] > 0).OrderByDescending(item => scores[item])
                .ThenBy(item => item).Take(k);
            Assert.Equal(expected, top[..found]);
        }, iter: 2000);

    [Fact]
    public void Metrics_are_those_of_a_ranking_worked_out_by_hand()
    {
        // Ranking 0 1 2 3 4; item 0 is seen; positives 2 and 4, and one that no ranking can reach.
        var task = Task(new InteractionLog([0, 0], [2, 4], [0, 0]), new InteractionLog([0], [0], [0]), unreachable: [1]);

        var (masked, raw) = RankingEvaluator.EvaluateBoth(new Fixed([5, 4, 3, 2, 1]), task, [1, 2, 4], 1);

        Assert.Equal([0, 1 / 3.0, 2 / 3.0], new[] { 1, 2, 4 }.Select(k => masked.Mean($"recall@{k}")));
        Assert.Equal(1 / 2.0, masked.Mean("mrr@2"), 12);
        Assert.Equal(1, masked.Mean("hitrate@2"));
        Assert.Equal((1 / Math.Log2(3)) / (1 + (1 / Math.Log2(3))), masked.Mean("ndcg@2"), 12);
        Assert.Equal(1 / 3.0, raw.Mean("mrr@4"), 12);
        Assert.Equal(0.8, raw.Coverage[4], 12);
    }

    [Fact]
    public void Results_do_not_depend_on_the_number_of_threads()
    {
        var random = new Random(3);
        var log = new InteractionLog([.. Enumerable.Range(0, 900).Select(_ => random.Next(300))],
            [.. Enumerable.Range(0, 900).Select(_ => random.Next(50))], new long[900]);
        var task = new RankingTask(InteractionMatrix.From(300, 50, log), InteractionMatrix.From(300, 50));
        var scores = Enumerable.Range(0, 50).Select(_ => (float)random.Next(5)).ToArray();

        var one = RankingEvaluator.Evaluate(new Fixed(scores), task, RankingProtocol.Masked, [5], 1);
        var two = RankingEvaluator.Evaluate(new Fixed(scores), task, RankingProtocol.Masked, [5], 2);

        Assert.Equal(one.PerUser("ndcg@5"), two.PerUser("ndcg@5"));
    }

    [Fact]
    public void A_cut_off_above_the_catalogue_is_refused()
    {
        var task = Task(new InteractionLog([0], [2], [0]), InteractionLog.Empty, []);

        var refusal =
            Assert.Throws<ArgumentException>(() => RankingEvaluator.Evaluate(new Fixed(new float[5]), task, RankingProtocol.Raw, [6], 1));

        Assert.Contains("5 items", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_score_that_is_no_number_is_refused()
    {
        var task = Task(new InteractionLog([0], [2], [0]), InteractionLog.Empty, []);

        Assert.Throws<ArithmeticException>(() => RankingEvaluator.Evaluate(new Fixed([1, 2, float.NaN, 0, 0]), task,
            RankingProtocol.Raw, [1], 1));
    }

    [Fact]
    public void A_paired_bootstrap_sees_a_small_constant_difference_that_the_users_own_spread_would_hide()
    {
        var random = new Random(1);
        var b = Enumerable.Range(0, 200).Select(_ => random.NextDouble()).ToArray();
        var a = b.Select(value => value + 0.01 + (0.01 * (random.NextDouble() - 0.5))).ToArray();

        Assert.True(Bootstrap.Difference(a, b, draws: 1000).ExcludesZero);
        Assert.False(Bootstrap.Difference(b, b.Reverse().ToArray(), draws: 1000).ExcludesZero);
        Assert.True(Bootstrap.Mean(a, draws: 1000).Low < Bootstrap.Mean(b, draws: 1000).High);
    }

    private static RankingTask Task(InteractionLog positives, InteractionLog seen, int[] unreachable) =>
        new(InteractionMatrix.From(1, 5, positives), InteractionMatrix.From(1, 5, seen), unreachable);

    private sealed class Fixed(float[] scores) : IItemScorer
    {
        public int Items => scores.Length;

        public void Score(ReadOnlySpan<int> users, Span<float> target)
        {
            for (var n = 0; n < users.Length; n++)
            {
                scores.CopyTo(target[(n * scores.Length)..]);
            }
        }
    }
}
