using TwoTower.Actors.Hosting;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Model.Data.Loading;
using TwoTower.Node.Recipes;
using Xunit.Abstractions;

namespace TwoTower.Tests.Node;

/// <summary>Both recipes on MovieLens-1M: the one that loses must lose as the reference says, the other must pass its bars.</summary>
public class RealTrainingSpecs(ITestOutputHelper output)
{
    [Fact]
    public async Task The_seed_recipe_reproduces_the_reference_over_seeds_and_with_any_number_of_workers()
    {
        if (SharedData.Find("data/ml-1m-positives", output) is not { } path || SharedData.Find("reference/ml-1m.json",
            output) is not { } figures)
        {
            return;
        }

        var reference = SharedData.Reference(figures)["seedBpr"]!["raw"]!;
        var own = await Train(workers: 1, seed: null);
        TrainingOutcome[] runs = [own, await Train(workers: 1, seed: 2), await Train(workers: 1, seed: 3)];

        // Raw recall@10 of one run scatters by 0.003 from seed to seed, nearly as much as the band is wide: the mean is held, and
        // the runs that the recipe's own seed gives.
        InBand(metric => runs.Average(run => run.Evaluations[^1].Raw.Mean(metric)));
        InBand(own.Evaluations[^1].Raw.Mean);
        InBand((await Train(workers: 4, seed: null)).Evaluations[^1].Raw.Mean);

        async Task<TrainingOutcome> Train(int workers, int? seed)
        {
            var outcome = await RealTrainingSpecs.Train("seed-bpr", path, workers, seed, ("evaluate.everyEpochs", "10"));
            Say(outcome, outcome.Evaluations[^1]);
            Assert.Equal(10, outcome.LossByEpoch.Count);
            Assert.Equal(0.53, outcome.LossByEpoch[0], 0.01);
            Assert.Equal(0.375, outcome.LossByEpoch[9], 0.005);
            return outcome;
        }

        void InBand(Func<string, double> ours)
        {
            foreach (var (metric, tolerance) in new[] { ("recall@10", 0.004), ("recall@50", 0.012), ("recall@100", 0.015) })
            {
                Assert.Equal((double)reference[metric]!, ours(metric), tolerance);
            }
        }
    }

    [Fact]
    public async Task The_recommended_recipe_passes_its_bars_in_two_minutes_within_its_staleness_bound()
    {
        if (SharedData.Find("data/ml-1m-positives", output) is not { } path)
        {
            return;
        }

        var outcome = await Train("recommended", path, workers: 2, seed: 1);

        var best = outcome.Best!;
        Say(outcome, best);
        Assert.True(best.Masked.Mean("recall@10") >= 0.060, "recall@10");
        Assert.True(best.Masked.Mean("recall@50") >= 0.205, "recall@50");
        Assert.True(best.Masked.Mean("recall@100") >= 0.32, "recall@100");
        Assert.True(outcome.TrainSeconds < 120, $"{outcome.TrainSeconds} s");
        Assert.Equal(0, outcome.Staleness.BoundViolations);
        Assert.True(outcome.Staleness.MaxClocks <= 4, $"{outcome.Staleness.MaxClocks} clocks");
    }

    private static Task<TrainingOutcome> Train(string recipe, string path, int workers, int? seed,
        params (string Key, string Value)[] others)
    {
        var settings = RecipeReader.Read(recipe);
        settings.Set("data.path", path, "test");
        settings.Set("train.workers", $"{workers}", "test");
        if (seed is not null)
        {
            settings.Set("train.seed", $"{seed}", "test");
        }

        foreach (var (key, value) in others)
        {
            settings.Set(key, value, "test");
        }

        return LocalTraining.RunAsync(new TrainingPlan(settings.Values.Training, DataLoader.Load(settings.Values.Data)));
    }

    private void Say(TrainingOutcome outcome, EvaluationReport report)
    {
        output.WriteLine(
            $"loss by epoch {string.Join(' ', outcome.LossByEpoch.Select(loss => $"{loss:F4}"))}; {outcome.TrainSeconds:F1} s");
        output.WriteLine(
            $"epoch {report.Epoch}: "
            + $"masked {string.Join(' ', report.Masked.Metrics.Select(metric => $"{metric} {report.Masked.Mean(metric):F4}"))}");
        output.WriteLine(
            $"epoch {report.Epoch}: raw {string.Join(' ', report.Raw.Metrics.Select(metric => $"{metric} {report.Raw.Mean(metric):F4}"))}");
    }
}
