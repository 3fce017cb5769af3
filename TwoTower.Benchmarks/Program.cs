using TwoTower.Benchmarks;
using TwoTower.Benchmarks.Simulator;

if (args is ["simulator", ..])
{
    SimulatorBenchmark.Run(args[1..]);
}
else
{
    await Throughput.RunAsync();
}
