using TwoTower.Actors.Options;
using TwoTower.Actors.Simulation.Compute;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Optimizers;

namespace TwoTower.Samples;

/// <summary>A staleness policy of one's own: what a shard does about a gradient whose row has changed since it was pulled.</summary>
internal static class OwnStalenessPolicy
{
    public static Task RunAsync(TextWriter output)
    {
        var options = new TrainingOptions
        {
            StalenessPolicy = new StalenessPolicyOptions { Own = new Halving() }, // the registration
            Consistency = Consistency.Asp,
            Optimizer = new OptimizerOptions { LearningRate = 0.02 },
            Workers = 4,
            BatchSize = 64,
            Epochs = 4,
            Cutoffs = [10],
            Metric = "recall@10",
        };
        var world = new WorldOptions { Compute = new ComputeOptions { ExamplesPerSecond = 1000, SlowWorkers = 1, SlowBy = 4 } };
        var data = DataLoader.Load("likes", Likes.Made(), new DataOptions());
        var outcome = SimulatedTraining.Run(new TrainingPlan(options, data), world).Training;
        return output.WriteLineAsync($"staleness {outcome.Staleness.Mean:0.00} on the mean, "
            + $"{outcome.Staleness.DroppedPushes} pushes left out, recall@10 {outcome.Best!.Masked.Mean("recall@10"):0.000}");
    }

    /// <summary>A push from far behind is left out; a row that others have changed meanwhile takes half a step.</summary>
    private sealed class Halving : IStalenessPolicy
    {
        public bool Admits(long versions) => versions <= 12;

        public float Adapt(in StaleRow row) => row.Staleness > 0 ? 0.5f : 1;
    }
}
