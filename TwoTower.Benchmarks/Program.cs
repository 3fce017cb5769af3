using TwoTower.Benchmarks;
using TwoTower.Benchmarks.Micro;
using TwoTower.Benchmarks.Scaling;
using TwoTower.Benchmarks.Simulator;
using TwoTower.Benchmarks.Wire;

switch (args)
{
    case ["simulator", ..]:
        SimulatorBenchmark.Run(args[1..]);
        break;
    case ["micro", ..]:
        MicroBenchmarks.Run(args[1..]);
        break;
    case ["baselines", ..]:
        BaselineTimes.Run(args[1..]);
        break;
    case ["reading", ..]:
        ReadingTimes.Run(args[1..]);
        break;
    case ["step", ..]:
        StepTimes.Run(args[1..]);
        break;
    case ["leases", ..]:
        LeaseTimes.Run(args[1..]);
        break;
    case ["wire", ..]:
        await WireBenchmark.RunAsync(args[1..]);
        break;
    case ["telemetry", ..]:
        await TelemetryCost.RunAsync(args[1..]);
        break;
    default:
        await Throughput.RunAsync();
        break;
}
