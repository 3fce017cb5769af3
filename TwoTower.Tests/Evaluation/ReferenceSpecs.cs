using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;
using Xunit.Abstractions;

namespace TwoTower.Tests.Evaluation;

/// <summary>Baselines on MovieLens-1M against figures that are known to be right.</summary>
public class ReferenceSpecs(ITestOutputHelper output)
{
    private static readonly string[] s_metrics = ["recall@10", "recall@50", "recall@100", "ndcg@10"];

    [Fact]
    public void Popularity_equals_the_reference_to_four_decimals_and_recent_popularity_nearly()
    {
        if (SharedData.Find("data/ml-1m-positives", output) is not { } path || SharedData.Find("reference/ml-1m.json", output) is not { } figures)
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

        var (masked, raw) = RankingEvaluator.EvaluateBoth(StaticScorer.Popularity(data), task, [10, 50, 100], 2);
        var recent = RankingEvaluator.Evaluate(StaticScorer.RecentPopularity(data, 0.1), task, RankingProtocol.Masked, [10, 50, 100], 2);

        // Many items have equal counts in a short window; how the reference breaks such ties is not known.
        foreach (var metric in s_metrics)
        {
            Assert.Equal((double)reference["popularity"]!["raw"]![metric]!, Math.Round(raw.Mean(metric), 4));
            Assert.Equal((double)reference["popularity"]!["masked"]![metric]!, Math.Round(masked.Mean(metric), 4));
            Assert.Equal((double)reference["recentPopularityLast10Percent"]!["masked"]![metric]!, recent.Mean(metric), 0.001);
        }
    }
}
