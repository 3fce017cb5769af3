await TwoTower.Benchmarks.Throughput.RunAsync();
