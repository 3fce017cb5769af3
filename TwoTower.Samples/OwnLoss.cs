using TwoTower.Actors.Hosting;
using TwoTower.Actors.Options;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Options;

namespace TwoTower.Samples;

/// <summary>A loss of one's own: of how much higher a positive scores than a negative.</summary>
internal static class OwnLoss
{
    public static async Task RunAsync(TextWriter output)
    {
        var options = new TrainingOptions
        {
            Loss = new LossOptions { Kind = LossKind.Bpr, OwnPairLoss = new Hinge() }, // the registration
            Workers = 1,
            BatchSize = 256,
            Epochs = 5,
            Cutoffs = [10],
            Metric = "recall@10",
        };
        var data = DataLoader.Load("likes", Likes.Made(), new DataOptions());
        var outcome = await LocalTraining.RunAsync(new TrainingPlan(options, data));
        await output.WriteLineAsync($"hinge by epoch: {string.Join(", ", outcome.LossByEpoch.Select(loss => $"{loss:0.000}"))}");
    }

    private sealed class Hinge : IPairLoss
    {
        public float Of(float margin, out float slope)
        {
            slope = margin < 1 ? -1 : 0;
            return Math.Max(0, 1 - margin);
        }
    }
}
