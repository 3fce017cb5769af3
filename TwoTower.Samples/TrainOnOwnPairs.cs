using TwoTower.Actors.Hosting;
using TwoTower.Actors.Options;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;

namespace TwoTower.Samples;

/// <summary>Trains on pairs of a program's own, and recommends.</summary>
internal static class TrainOnOwnPairs
{
    public static async Task RunAsync(TextWriter output)
    {
        // Any pairs: of a database, a queue, a list. The split is by time; without times it is random.
        var data = DataLoader.Load("likes", Likes.Made(), new DataOptions());
        var options = new TrainingOptions
        {
            Model = new ModelOptions { Dim = 16 },
            Optimizer = new OptimizerOptions { LearningRate = 0.02 },
            Workers = 2,
            BatchSize = 64,
            Epochs = 20,
            Cutoffs = [10],
            Metric = "recall@10",
        };
        var outcome = await LocalTraining.RunAsync(new TrainingPlan(options, data));
        var best = outcome.Best!.Masked;
        await output.WriteLineAsync($"recall@10 {best.Mean("recall@10"):0.000} after epoch {outcome.Best.Epoch}");

        var task = RankingTask.Validation(data);
        var shown = RankingEvaluator.Recommend(new DotProductScorer(outcome.Embeddings), task, k: 3, parallelism: 1);
        await output.WriteLineAsync(
            $"{data.Users.RawIds[task.Users[0]]}: {string.Join(", ", shown[0].Select(item => data.Items.RawIds[item]))}");
    }
}
