using TwoTower.Model;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;
using Xunit.Abstractions;

namespace TwoTower.Tests.Evaluation;

/// <summary>Baselines on MovieLens-1M against figures that are known to be right.</summary>
public class ReferenceSpecs(ITestOutputHelper output)
{
    private static readonly string[] s_metrics = ["recall@10", "recall@50", "recall@100", "ndcg@10"];
    private static readonly int[] s_cutoffs = [10, 50, 100];

    [Fact]
    public void Popularity_equals_the_reference_wherever_ties_leave_one_answer_and_recent_popularity_nearly()
    {
        if (SharedData.Find("data/ml-1m-positives", output) is not { } path || SharedData.Find("reference/ml-1m.json",
            output) is not { } figures)
        {
            return;
        }

        var reference = SharedData.Reference(figures);
        var data = DataLoader.Load(new DataOptions { Path = path });
        Assert.Equal(
            ((int)reference["data"]!["users"]!, (int)reference["data"]!["items"]!, (int)reference["data"]!["trainPositives"]!),
            (data.Users.Count, data.Items.Count, data.Train.Count));
        var task = RankingTask.Validation(data);
        Assert.Equal((int)reference["data"]!["validationUsers"]!, task.Users.Length);
        Assert.Equal((int)reference["data"]!["validationPositives"]!, data.Validation.Count + data.ValidationUnreachable.Sum());

        foreach (var (protocol, name) in new[] { (RankingProtocol.Raw, "raw"), (RankingProtocol.Masked, "masked") })
        {
            var (ours, worst, best) = (Popularity(data, task, protocol, 0f), Popularity(data, task, protocol, -0.5f),
                Popularity(data, task, protocol, 0.5f));
            RankingResult[] drawn = [.. Enumerable.Range(0, 30)
                .Select(draw => RankingEvaluator.Evaluate(new Drawn(StaticScorer.Popularity(data), draw), task, protocol, s_cutoffs, 2))];
            foreach (var metric in s_metrics)
            {
                var expected = (double)reference["popularity"]![name]![metric]!;
                var (low, high) = (Math.Round(worst.Mean(metric), 4), Math.Round(best.Mean(metric), 4));
                output.WriteLine(
                    $"{name} {metric}: {ours.Mean(metric):F4}, reference {expected:F4}, over all orders of equal "
                    + $"counts {low:F4} to {high:F4}");
                Assert.InRange(expected, low, high);

                // Ours is the mean over all orders of equal counts, theirs what torch's unstable argsort made of them.
                Assert.InRange(Math.Round(ours.Mean(metric), 4), low, high);
                Assert.Equal(expected, ours.Mean(metric), low == high ? 0.00005 : high - low);
                var draws = drawn.Select(one => one.Mean(metric)).ToArray();
                var error = Math.Sqrt(draws.Sum(value => Math.Pow(value - draws.Average(), 2)) / draws.Length / (draws.Length - 1));
                Assert.InRange(ours.Mean(metric), draws.Average() - (5 * error) - 1e-12, draws.Average() + (5 * error) + 1e-12);
            }
        }

        // A short window has more equal counts.
        var recent = RankingEvaluator.Evaluate(StaticScorer.RecentPopularity(data, 0.1), task, RankingProtocol.Masked, s_cutoffs, 2);
        Assert.All(s_metrics, metric => Assert.Equal((double)reference["recentPopularityLast10Percent"]!["masked"]![metric]!,
            recent.Mean(metric), 0.001));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(2000)]
    public void Ease_agrees_with_the_reference(int lambda)
    {
        if (SharedData.Find("data/ml-1m-positives", output) is not { } path || SharedData.Find("reference/ml-1m.json",
            output) is not { } figures)
        {
            return;
        }

        var task = RankingTask.Validation(DataLoader.Load(new DataOptions { Path = path }));
        var ours = RankingEvaluator.Evaluate(Ease.Fit(new CoOccurrence(task.Seen), lambda, 2), task, RankingProtocol.Masked, s_cutoffs, 2);
        var reference = SharedData.Reference(figures)["ease"]![$"lambda{lambda}"]!["masked"]!;
        foreach (var metric in s_metrics)
        {
            output.WriteLine($"lambda {lambda} {metric}: {ours.Mean(metric):F4}, reference {(double)reference[metric]!:F4}");
            Assert.Equal((double)reference[metric]!, ours.Mean(metric), 0.0015);
        }
    }

    /// <summary>Popularity with the user's positives moved behind (negative) or before (positive) other items of the same count: the bounds
    /// of what any order of ties gives.</summary>
    private static RankingResult Popularity(RecommenderData data, RankingTask task, RankingProtocol protocol, float nudge) =>
        RankingEvaluator.Evaluate(new Nudged(StaticScorer.Popularity(data), task, nudge), task, protocol, s_cutoffs, 2);

    private sealed class Nudged(StaticScorer scorer, RankingTask task, float nudge) : IItemScorer
    {
        public int Items => scorer.Items;

        public void Score(ReadOnlySpan<int> users, Span<float> scores)
        {
            scorer.Score(users, scores);
            for (var n = 0; n < users.Length; n++)
            {
                foreach (var item in task.Positives.ItemsOf(users[n]))
                {
                    scores[(n * Items) + item] += nudge;
                }
            }
        }
    }

    /// <summary>Equal counts in an order that is drawn.</summary>
    private sealed class Drawn(StaticScorer scorer, int seed) : IItemScorer
    {
        public int Items => scorer.Items;

        public void Score(ReadOnlySpan<int> users, Span<float> scores)
        {
            scorer.Score(users, scores);
            for (var n = 0; n < users.Length; n++)
            {
                var random = new SeededRandom(seed, 1, users[n]);
                for (var item = 0; item < Items; item++)
                {
                    scores[(n * Items) + item] += 0.5f * (float)random.NextDouble();
                }
            }
        }
    }
}
