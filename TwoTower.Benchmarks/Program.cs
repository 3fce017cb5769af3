using TwoTower.Benchmarks;
using TwoTower.Benchmarks.Micro;
using TwoTower.Benchmarks.Simulator;

switch (args)
{
    case ["simulator", ..]:
        SimulatorBenchmark.Run(args[1..]);
        break;
    case ["micro", ..]:
        MicroBenchmarks.Run(args[1..]);
        break;
    default:
        await Throughput.RunAsync();
        break;
}
