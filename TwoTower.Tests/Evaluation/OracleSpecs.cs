using System.Globalization;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Options;
using TwoTower.Actors.Training;
using TwoTower.Model;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Data.Synthetic;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;
using TwoTower.Node.Runs;
using Xunit.Abstractions;

namespace TwoTower.Tests.Evaluation;

/// <summary>The truth of a synthetic world as a ranking.</summary>
public sealed class OracleSpecs(ITestOutputHelper output)
{
    private const double Threshold = 4;

    // A third of the default world: enough users to be judged, and quick to fit.
    private static readonly SyntheticProfile s_world = SyntheticProfile.Small with { Users = 1_500, Items = 700, Ratings = 120_000 };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_a_world_draws_is_what_its_oracle_says(bool returns)
    {
        var profile = returns ? s_world : SyntheticProfile.Plain with { Users = 1_500, Items = 700, Ratings = 120_000 };
        var world = new SyntheticWorld(profile, 3);
        var data = DataLoader.Load(world, new DataOptions());
        var from = data.Split.ValidationStart!.Value;
        var oracle = Oracle.Of(world, data, Threshold, from, from); // one moment: nothing is left that nobody can know
        var user = data.Validation.Users[0];
        var scores = new float[data.Items.Count];
        oracle.Score([user], scores);

        const int Draws = 400_000;
        var number = int.Parse(data.Users.RawIds[user], CultureInfo.InvariantCulture) - 1;
        var liked = new double[data.Items.Count];
        var random = new SeededRandom(11);
        var day = (from - SyntheticWorld.StartTime) / 86_400.0;
        var mass = new double[world.Niches];
        world.AccumulateMass(world.TasteOf(number), day, Sitting.Later, mass);
        for (var n = 0; n < Draws; n++)
        {
            var item = world.Draw(ref random, day, Sitting.Later, mass);
            if (world.Rate(number, item, ref random) >= Threshold && data.Items.TryGetIndex($"{item + 1}", out var index))
            {
                liked[index]++;
            }
        }

        // Shares of what is drawn and liked against shares of scores: chi-squared over the items that are expected often enough.
        var (all, sum) = (liked.Sum(), scores.Sum(score => (double)score));
        var often = Enumerable.Range(0, liked.Length).Where(item => scores[item] / sum * all >= 20).ToArray();
        var chi = often.Sum(item => Math.Pow(liked[item] - (scores[item] / sum * all), 2) / (scores[item] / sum * all));
        output.WriteLine($"chi-squared {chi:F1} over {often.Length} items");
        Assert.InRange(often.Length, 50, int.MaxValue);
        Assert.InRange(chi, 0, often.Length + (5 * Math.Sqrt(2 * often.Length)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task No_ranking_that_is_not_told_the_truth_is_above_the_oracle(long seed)
    {
        TorchSharp.torch.set_num_threads(1);
        var world = new SyntheticWorld(s_world, seed);
        var data = DataLoader.Load(world, new DataOptions());
        var task = RankingTask.Validation(data);
        var oracle = Judge(Oracle.Of(world, data, Threshold, data.Split.ValidationStart!.Value, data.Split.ValidationEnd!.Value));
        var fitter = new BaselineFitter(data, "recall@50", 1, 2);
        var options = new TrainingOptions { Epochs = 4, Workers = 1, Consistency = Consistency.Bsp };
        var outcome = await LocalTraining.RunAsync(new TrainingPlan(options, data));
        var rankings = BaselineNames.All.Select(kind => (Name: kind.InWords(), Result: Judge(fitter.Fit(kind).Scorer!)))
            .Append((Name: "two towers", Result: Judge(new DotProductScorer(outcome.Embeddings)))).ToArray();
        foreach (var (name, result) in rankings)
        {
            foreach (var metric in new[] { "recall@10", "recall@50", "ndcg@10" })
            {
                var difference = PairedDifference.Of(result, oracle, metric).Difference;
                output.WriteLine($"{name}: {metric} {result.Mean(metric):F4}, oracle {oracle.Mean(metric):F4}");
                Assert.True(difference.Low <= 0, $"{name} is above the oracle in {metric}: {difference}.");
            }
        }

        Assert.True(PairedDifference.Of(oracle, rankings.Single(ranking => ranking.Name == "popularity").Result, "recall@50")
            .Difference.Low > 0);

        RankingResult Judge(IItemScorer scorer) => RankingEvaluator.Evaluate(scorer, task, RankingProtocol.Masked, [10, 50], 2);
    }

    [Fact]
    public void Real_data_and_splits_without_a_time_have_no_oracle()
    {
        var data = DataLoader.Load(new DataOptions { Profile = "tiny", Split = SplitKind.LeaveLastOut });

        Assert.Null(Oracle.OfValidation(data, new DataOptions { Profile = "tiny", Split = SplitKind.LeaveLastOut }));
        Assert.Null(Oracle.OfValidation(data with { Split = data.Split with { Kind = SplitKind.GlobalTime } },
            new DataOptions { Path = "ratings.csv" }));
    }

    [Fact]
    public void The_share_of_the_way_is_0_for_popularity_and_1_for_the_oracle()
    {
        var options = new DataOptions { Profile = "plain" };
        var data = DataLoader.Load(options);
        var training = new TrainingOptions { Cutoffs = [10, 50], Metric = "recall@50" };
        var baselines = global::TwoTower.Node.Runs.Baselines.Of(data, training, JudgedTasks.Of(data, training, final: true),
            BaselineNames.Cheap, truth: options);

        Assert.Equal(0, baselines.ShareOfTheWay(baselines.Popularity, "recall@50")!.Value, 12);
        Assert.Equal(1, baselines.ShareOfTheWay(baselines.Oracle!, "recall@50")!.Value, 12);
        Assert.NotNull(baselines.Oracle!.Test);
    }
}
