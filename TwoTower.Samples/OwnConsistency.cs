using TwoTower.Actors.Options;
using TwoTower.Actors.Simulation.Compute;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;

namespace TwoTower.Samples;

/// <summary>A consistency rule of one's own, tried in a simulated world, which checks every pull against it.</summary>
internal static class OwnConsistency
{
    public static Task RunAsync(TextWriter output)
    {
        var options = new TrainingOptions
        {
            Consistency = Consistency.Of(new Tightening()), // the registration
            Workers = 4,
            BatchSize = 64,
            Epochs = 4,
            Cutoffs = [10],
            Metric = "recall@10",
        };
        var world = new WorldOptions { Compute = new ComputeOptions { ExamplesPerSecond = 1000, SlowWorkers = 1, SlowBy = 4 } };
        var data = DataLoader.Load("likes", Likes.Made(), new DataOptions());
        var outcome = SimulatedTraining.Run(new TrainingPlan(options, data), world);
        var staleness = outcome.Training.Staleness;
        return output.WriteLineAsync(
            $"{staleness.MaxClocks} clocks apart at most, {staleness.BoundViolations} violations, {outcome.VirtualSeconds:0.0} virtual s");
    }

    /// <summary>Workers may run apart while much is learned, and less and less later.</summary>
    private sealed class Tightening : IConsistencyRule
    {
        public int Loosest => 8;

        public int BoundAt(long clock) => Math.Max(1, 8 - (int)(clock / 10));
    }
}
