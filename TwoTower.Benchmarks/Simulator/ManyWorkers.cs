using System.Diagnostics;
using TwoTower.Actors.Options;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;

namespace TwoTower.Benchmarks.Simulator;

/// <summary>How much memory many simulated workers take. Its peak is the process's, so it has to be run alone.</summary>
internal static class ManyWorkers
{
    public static void Run(int workers, int shards, int batchSize, int epochs)
    {
        var data = DataLoader.Load(new DataOptions { Profile = "ml-1m", Seed = 1 });
        var options = new TrainingOptions
        {
            Epochs = epochs,
            Patience = 0,
            Workers = workers,
            Shards = shards,
            BatchSize = batchSize,
            Consistency = Consistency.Asp,
            EvaluateEveryEpochs = epochs,
        };
        var before = Process.GetCurrentProcess().WorkingSet64;
        var start = Stopwatch.GetTimestamp();
        var outcome = SimulatedTraining.Run(new TrainingPlan(options, data), new WorldOptions());
        var process = Process.GetCurrentProcess();
        process.Refresh();
        Console.WriteLine(FormattableString.Invariant(
            $"{workers} workers x {shards} shards, {data.Train.Count:#,0} train positives, batch {batchSize}, {epochs} epochs, asp, lan: ")
                + FormattableString.Invariant(
                $"peak working set {process.PeakWorkingSet64 / 1e6:#,0} MB (data ")
                + FormattableString.Invariant(
                $"alone {before / 1e6:#,0} MB); {outcome.Events:#,0} events ")
                + FormattableString.Invariant(
                $"in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s, {outcome.VirtualSeconds:0.000} virtual s; ")
                + FormattableString.Invariant($"parameters {outcome.Training.ParametersSha256[..16]}"));
    }
}
