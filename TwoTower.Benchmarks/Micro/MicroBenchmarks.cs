using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace TwoTower.Benchmarks.Micro;

/// <summary>The parts of training, one by one, by BenchmarkDotNet.</summary>
internal static class MicroBenchmarks
{
    /// <summary>Runs all of them, or what the arguments ask BenchmarkDotNet for.</summary>
    public static void Run(string[] arguments)
    {
        // In this process: only its output folder has the torch library that loads on every Linux, and one torch thread is set for it.
        TorchSharp.torch.set_num_threads(1);
        var config = DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
        BenchmarkSwitcher.FromTypes([typeof(GradientBenchmarks), typeof(OptimizerBenchmarks), typeof(RankingBenchmarks)])
            .Run(arguments is [] ? ["--filter", "*"] : arguments, config);
    }
}
