using System.Diagnostics;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;

namespace TwoTower.Benchmarks;

/// <summary>How long baselines take to fit: on the data of a path, or on synthetic data of MovieLens-1M's size.</summary>
internal static class BaselineTimes
{
    private const int Rounds = 3;

    public static void Run(string[] arguments)
    {
        TorchSharp.torch.set_num_threads(1);
        var data = DataLoader.Load(arguments is [var path, ..] ? new DataOptions { Path = path } : new DataOptions
        {
            Profile = "ml-1m",
            Seed = 1
        });
        var validation = RankingTask.Validation(data);
        var counts = new CoOccurrence(validation.Seen);
        var cores = Environment.ProcessorCount;
        Console.WriteLine(
            $"{data.Users.Count} users, {data.Items.Count} items, {data.Train.Count} train positives; {cores} cores; wall seconds, and "
            + $"seconds of all threads");
        Measure($"item kNN, {ItemKnn.Grid.Count} candidates, one pass over the Gram matrix",
            () => ItemKnn.Choose(counts, ItemKnn.Grid, validation, "recall@50", cores));
        Measure("EASE, one penalty", () => Ease.Fit(counts, 500, cores));
        Measure($"EASE, {Ease.Lambdas.Count} penalties and their evaluation",
            () => Ease.Choose(counts, Ease.Lambdas, validation, "recall@50", cores));
        Measure("iALS, 64 columns, 16 iterations", () => ImplicitAls.Fit(counts, new ImplicitAlsOptions(), cores));
        Measure($"iALS, {ImplicitAls.Grid.Count} candidates and their evaluation",
            () => ImplicitAls.Choose(counts, ImplicitAls.Grid, new ImplicitAlsOptions(), validation, "recall@50", cores));
    }

    private static void Measure(string name, Func<object> fit)
    {
        using var process = Process.GetCurrentProcess();
        var (wall, busy) = (new List<double>(), new List<double>());
        for (var round = -1; round < Rounds; round++)
        {
            process.Refresh();
            var (start, before) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
            GC.KeepAlive(fit());
            process.Refresh();
            if (round >= 0)
            {
                wall.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                busy.Add((process.TotalProcessorTime - before).TotalSeconds);
            }
        }

        Console.WriteLine(
            $"{name}: median {wall.Order().ElementAt(Rounds / 2):0.00} s (min {wall.Min():0.00}, "
            + $"max {wall.Max():0.00}, {Rounds} turns); {busy.Order().ElementAt(Rounds / 2):0.00} s of all threads");
    }
}
