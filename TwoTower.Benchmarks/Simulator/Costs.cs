using System.Diagnostics;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Simulation.Sizing;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;

namespace TwoTower.Benchmarks.Simulator;

/// <summary>What a simulated run costs beside its gradients, and how large a run can be planned.</summary>
internal static class Costs
{
    /// <summary>Wall time of a whole simulated run over the time in what a run has to compute anyway: the workers' gather, matrix products,
    /// softmax and gradient, and the shards' optimizer steps. Copying rows between worker and shard (pull, push), building batches, Akka
    /// and the event queue are the overhead. The evaluation at the end is taken out of the wall time by its own stopwatch.</summary>
    public static void OverGradients(int workers, int shards, int turns)
    {
        var data = DataLoader.Load(new DataOptions { Profile = "ml-1m", Seed = 1 });
        var options = new TrainingOptions
        {
            Epochs = 2,
            Patience = 0,
            Workers = workers,
            Shards = shards,
            BatchSize = 1024,
            EvaluateEveryEpochs = 2
        };
        var ratios = new List<double>();
        TimeSplit time = null!;
        for (var turn = -1; turn < turns; turn++)
        {
            var start = Stopwatch.GetTimestamp();
            var outcome = SimulatedTraining.Run(new TrainingPlan(options, data), new WorldOptions());
            var wall = Stopwatch.GetElapsedTime(start).TotalSeconds - outcome.Training.Evaluations.Sum(evaluation => evaluation.Seconds);
            time = outcome.Training.Time;
            if (turn >= 0)
            {
                ratios.Add(wall / (time.Gather + time.Gemm + time.Softmax + time.Gradient + time.Apply));
            }
        }

        ratios.Sort();
        Console.WriteLine(FormattableString.Invariant(
            $"simulated run / (gather + gemm + softmax + gradient + apply), softmax B=1024 ")
                + FormattableString.Invariant(
                $"d=128, {workers} workers, {shards} shards, {options.Consistency}: {ratios[turns / 2]:0.000} (min {ratios[0]:0.000}, ")
                + FormattableString.Invariant(
                $"max {ratios[^1]:0.000}); last turn in s: gather {time.Gather:0.00}, gemm {time.Gemm:0.00}, softmax {time.Softmax:0.00}, ")
                + FormattableString.Invariant(
                $"gradient {time.Gradient:0.00}, apply {time.Apply:0.00}, pull {time.Pull:0.00}, push {time.Push:0.00}"));
    }

    /// <summary>A run with numerics off.</summary>
    public static void Sizes(int workers, int shards, long rows)
    {
        var options = new TrainingOptions
        {
            Epochs = 1,
            Patience = 0,
            Workers = workers,
            Shards = shards,
            BatchSize = 1024,
            Consistency = Consistency.Asp,
            LeaseSeconds = 600
        };
        var model = new SizedModel { Users = rows - (rows / 10), Items = rows / 10, Examples = 1024 * workers * 3 };
        var world = new WorldOptions { Network = NetworkOptions.Preset("lan"), Compute = new() { ShardBytesPerSecond = 2e9 } };
        var saturation = new Saturation(world);
        var start = Stopwatch.GetTimestamp();
        var outcome = SimulatedTraining.Run(new SizedRun(options, model), world, [saturation]);
        Console.WriteLine(FormattableString.Invariant(
            $"{workers:#,0} workers x {shards} shards, {rows:#,0} rows of 128: {saturation}. {outcome.Events:#,0} events ")
                + FormattableString.Invariant(
                $"in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s, peak working ")
                + FormattableString.Invariant($"set {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:#,0} MB"));
    }
}
