using CsCheck;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Towers;

namespace TwoTower.Tests.Evaluation;

/// <summary>Equal scores are worth their expectation.</summary>
public class TieSpecs
{
    private static readonly string[] s_metrics = ["recall", "ndcg", "hitrate", "mrr"];

    [Fact]
    public void Every_metric_at_every_cut_is_its_mean_over_all_orders_of_equal_scores() =>
        Gen.Select(Gen.Int[0, 2].Array[2, 7], Gen.Int[0, 2].Array[7], Gen.Int[0, 3]).Sample((levels, roles, unreachable) =>
        {
            // Roles: 0 a positive, 1 nothing, 2 seen already; somebody has to have a positive.
            roles[0] = 0;
            var items = levels.Length;
            var (positives, seen) = (Having(roles, items, 0), Having(roles, items, 2));
            int[] cutoffs = [.. Enumerable.Range(1, items)];
            var (masked, raw) = RankingEvaluator.EvaluateBoth(new Fixed(levels), Task(items, positives, seen, unreachable), cutoffs, 1);

            foreach (var (result, candidates) in new[] { (masked, Enumerable.Range(0, items).Except(seen)),
                (raw, Enumerable.Range(0, items)) })
            {
                var orders = Orders(levels, [.. candidates]).ToArray();
                foreach (var k in cutoffs)
                {
                    foreach (var metric in s_metrics)
                    {
                        Assert.Equal(orders.Average(order => Metric(metric, order, positives, unreachable, k)),
                            result.Mean($"{metric}@{k}"), 1e-12);
                    }

                    Assert.Equal(orders.Average(order => Math.Min(k, order.Length)) / items, result.Coverage[k], 1e-12);
                    Assert.Equal(orders.Select(order => string.Join(' ', order.Take(k).Order())).Distinct().Count() > 1 ? 1 : 0,
                        result.TiedUsers[k]);
                }
            }
        }, iter: 400);

    [Fact]
    public void Every_metric_is_near_its_mean_over_drawn_orders_where_groups_are_large()
    {
        const int Items = 300, Draws = 20_000;
        var random = new Random(5);
        int[] levels = [.. Enumerable.Range(0, Items).Select(item => item < 7 ? 9 - item : item < 60 ? 2 : 1)];
        int[] positives = [2, 20, 21, 22, 40, 100, 101, 250], seen = [0, 23, 24, 102];
        int[] cutoffs = [1, 5, 10, 50, 100, 300];
        var result = RankingEvaluator.Evaluate(new Fixed(levels), Task(Items, positives, seen, 1), RankingProtocol.Masked, cutoffs, 1);
        var sums = cutoffs.SelectMany(k => s_metrics.Select(metric => (metric, k)))
            .ToDictionary(cell => cell, _ => (Sum: 0.0, Squares: 0.0));
        var candidates = Enumerable.Range(0, Items).Except(seen).ToArray();
        for (var draw = 0; draw < Draws; draw++)
        {
            int[] order = [.. candidates.OrderByDescending(item => levels[item] + random.NextDouble())];
            foreach (var (metric, k) in sums.Keys)
            {
                var value = Metric(metric, order, positives, 1, k);
                sums[(metric, k)] = (sums[(metric, k)].Sum + value, sums[(metric, k)].Squares + (value * value));
            }
        }

        foreach (var ((metric, k), (sum, squares)) in sums)
        {
            var mean = sum / Draws;
            var error = Math.Sqrt(Math.Max(0, (squares / Draws) - (mean * mean)) / Draws);
            Assert.InRange(result.Mean($"{metric}@{k}"), mean - (5 * error) - 1e-9, mean + (5 * error) + 1e-9);
        }
    }

    [Fact]
    public void A_model_whose_scores_are_all_equal_gets_what_chance_gets()
    {
        foreach (var first in new[] { 0, 97, 195 })
        {
            var result = RankingEvaluator.Evaluate(new Fixed(new int[200]), Task(200, [.. Enumerable.Range(first, 5)], [], 0),
                RankingProtocol.Raw, [10], 1);

            Assert.Equal(0.05, result.Mean("recall@10"), 15);
            Assert.Equal(1 - Enumerable.Range(0, 10).Aggregate(1.0, (none, n) => none * (195 - n) / (200 - n)),
                result.Mean("hitrate@10"), 1e-12);
            Assert.Equal(1, result.TiedUsers[10]);
        }
    }

    [Fact]
    public void Coverage_takes_every_users_order_as_drawn_apart()
    {
        // Two users with two of four equal items each: an item is missed by both with the chance 1/4.
        var log = new InteractionLog([0, 1], [0, 1], new long[2]);
        var task = new RankingTask(InteractionMatrix.From(2, 4, log), InteractionMatrix.From(2, 4));

        Assert.Equal(0.75, RankingEvaluator.Evaluate(new Fixed(new int[4]), task, RankingProtocol.Raw, [2], 2).Coverage[2], 1e-12);
    }

    [Fact]
    public void What_is_shown_counts_with_its_chance()
    {
        var task = Task(5, [0], [4], 0);

        var shown = RankingEvaluator.Show(new Fixed([1, 2, 1, 1, 9]), task, 2, 1)[0];

        Assert.Equal([1, 0, 2, 3], shown.Items);
        Assert.Equal((1, 1 / 3.0), (shown.Certain, shown.ChanceAtCut));
        Assert.Equal(1 / 3.0, RankingEvaluator.Chances(new Fixed([1, 2, 1, 1, 9]), task, 2, 1)[0][0]);
    }

    [Theory]
    [InlineData(1, 77, 15)]
    [InlineData(3, 1001, 64)]
    [InlineData(131, 3489, 128)]
    [InlineData(40, 60, 33)]
    [InlineData(490, 3662, 65)]
    public void Equal_vectors_get_equal_scores_wherever_they_stand(int users, int items, int dim)
    {
        var random = new Random(users + items + dim);
        var (u, v) = (Values(users * dim), Values(items * dim));
        int[] userOf = [.. Enumerable.Range(0, users)], itemOf = [.. Enumerable.Range(0, items)];
        random.Shuffle(userOf);
        random.Shuffle(itemOf);
        float[] u2 = [.. userOf.SelectMany(n => u[(n * dim)..((n + 1) * dim)])],
            v2 = [.. itemOf.SelectMany(n => v[(n * dim)..((n + 1) * dim)])];

        var (one, other) = (Scores(u, v), Scores(u2, v2));

        for (var n = 0; n < users; n++)
        {
            for (var i = 0; i < items; i++)
            {
                Assert.Equal(one[(userOf[n] * items) + itemOf[i]], other[(n * items) + i]);
            }
        }

        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];

        float[] Scores(float[] left, float[] right)
        {
            var scorer = new DotProductScorer(new TwoTowerEmbeddings(left, right, dim));
            var scores = new float[users * items];
            for (var first = 0; first < users; first += 128)
            {
                int[] some = [.. Enumerable.Range(first, Math.Min(128, users - first))];
                scorer.Score(some, scores.AsSpan(first * items, some.Length * items));
            }

            return scores;
        }
    }

    [Fact]
    public void A_sum_and_an_interval_do_not_depend_on_the_order_of_users() =>
        Gen.Double[-1, 1].Array[2, 40].Sample(values =>
        {
            var other = values.Reverse().ToArray();

            Assert.Equal(ExactSum.MeanOf(values), ExactSum.MeanOf(other));
            Assert.Equal(Bootstrap.Mean(values, draws: 50), Bootstrap.Mean(other, draws: 50));
            Assert.Equal(values.Average(), ExactSum.MeanOf(values), 1e-15);
        }, iter: 300);

    private static int[] Having(int[] roles, int items, int role) => [.. Enumerable.Range(0, items).Where(item => roles[item] == role)];

    private static RankingTask Task(int items, int[] positives, int[] seen, int unreachable) => new(
        InteractionMatrix.From(1, items, new InteractionLog(new int[positives.Length], positives, new long[positives.Length])),
        InteractionMatrix.From(1, items, new InteractionLog(new int[seen.Length], seen, new long[seen.Length])), [unreachable]);

    /// <summary>Every order of the candidates in which scores do not rise.</summary>
    private static IEnumerable<int[]> Orders(int[] levels, int[] candidates)
    {
        if (candidates.Length == 0)
        {
            return [[]];
        }

        var best = candidates.Max(item => levels[item]);
        return candidates.Where(item => levels[item] == best)
            .SelectMany(first => Orders(levels, [.. candidates.Where(item => item != first)]).Select(rest => (int[])[first, .. rest]));
    }

    private static double Metric(string name, int[] order, int[] positives, int unreachable, int k)
    {
        int[] ranks = [.. order.Take(k).Select((item, n) => (item, Rank: n + 1)).Where(place => positives.Contains(place.item))
            .Select(place => place.Rank)];
        var relevant = positives.Length + unreachable;
        return name switch
        {
            "recall" => (double)ranks.Length / relevant,
            "hitrate" => ranks.Length > 0 ? 1 : 0,
            "mrr" => ranks.Length > 0 ? 1.0 / ranks[0] : 0,
            _ => ranks.Sum(rank => 1 / Math.Log2(rank + 1)) / Enumerable.Range(1, Math.Min(k, relevant))
                .Sum(rank => 1 / Math.Log2(rank + 1)),
        };
    }

    private sealed class Fixed(int[] levels) : IItemScorer
    {
        public int Items => levels.Length;

        public void Score(ReadOnlySpan<int> users, Span<float> target)
        {
            for (var n = 0; n < target.Length; n++)
            {
                target[n] = levels[n % levels.Length];
            }
        }
    }
}
