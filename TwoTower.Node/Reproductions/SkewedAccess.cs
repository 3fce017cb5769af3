using TwoTower.Actors.Options;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Node.Plots;

namespace TwoTower.Node.Reproductions;

/// <summary>Skewed access makes shards uneven; balanced partitioning evens them out, copies of hot rows take the traffic away.</summary>
internal sealed class SkewedAccess : IReproduction
{
    /// <inheritdoc />
    public string Name => "nups-skew";

    /// <inheritdoc />
    public string Source =>
        "Renz-Wieland, Gemulla, Kaoudi and Markl, NuPS: a parameter server for machine learning with non-uniform parameter access, SIGMOD "
        + "2022, sections 2 and 5";

    /// <inheritdoc />
    public string Claim =>
        "Under skewed access a static partitioning loads servers unevenly; spreading by access evens the load, and replicas of hot "
        + "parameters cut traffic and time.";

    /// <inheritdoc />
    public ReproductionReport Run(ReproductionContext given)
    {
        var context = given with { Data = ZipfData.Make(4000, 4000, given.Full ? 400_000 : 60_000, 1.0, 1) };
        var options = new TrainingOptions
        {
            Model = new ModelOptions { Dim = 32 },
            Loss = new LossOptions { Kind = LossKind.InBatchSoftmax, Temperature = 0.3 },
            Optimizer = new OptimizerOptions { Kind = OptimizerKind.Adam, LearningRate = 0.005 },
            Workers = 16,
            Shards = 8,
            Consistency = Consistency.Ssp(8),
            BatchSize = 32,
            Epochs = context.Full ? 4 : 2,
            EvaluateEveryEpochs = 1000,
            Cutoffs = [10, 50],
            Metric = "recall@50",
            Patience = 0,
        };
        // Interfaces of 100 Mbit/s: as in the paper, the network and not the gradient is what is short.
        var world = new WorldOptions
        {
            Network = NetworkOptions.Preset("lan") with { BytesPerSecond = 1.25e7 },
            Compute = new() { ExamplesPerSecond = 100_000, EvaluatedUsersPerSecond = 0 },
        };
        (string Name, TrainingOptions Options)[] arms =
        [
            ("range", options with { Partitioner = PartitionerKind.Range }),
            ("hash", options with { Partitioner = PartitionerKind.Hash }),
            ("balanced", options with { Partitioner = PartitionerKind.Balanced }),
            ("balanced, 10 % hot rows copied", options with { Partitioner = PartitionerKind.Balanced,
                HotRows = context.Data.Items.Count / 10, HotRowsRefresh = 6 }),
        ];
        var runs = arms.Select(arm => (arm.Name, Run: context.Simulate(arm.Name, arm.Options, world))).ToArray();
        var (range, balanced, hot) = (runs[0].Run, runs[2].Run, runs[3].Run);
        return new ReproductionReport(
            [
                new ReproductionRow("busiest shard over the mean, range partitioning", "uneven", range.Statistics.LoadImbalance, 1.2,
                    double.PositiveInfinity),
                new ReproductionRow("busiest shard over the mean, balanced partitioning", "nearly even",
                    balanced.Statistics.LoadImbalance, 1, 1.1),
                new ReproductionRow("virtual time of balanced over range partitioning", "under 1",
                    balanced.Outcome.VirtualSeconds / range.Outcome.VirtualSeconds, 0, 0.999),
                new ReproductionRow("traffic with copies of hot rows over that without", "under 1", Bytes(hot) / Bytes(balanced), 0, 0.999),
                new ReproductionRow("virtual time with copies of hot rows over that without", "under 1",
                    hot.Outcome.VirtualSeconds / balanced.Outcome.VirtualSeconds, 0, 0.999),
                new ReproductionRow("recall@50 with copies minus that without", "hardly changed", Recall(hot) - Recall(balanced),
                    -0.01, 0.01),
            ],
            [
                Bars("load", "Skewed access loads shards unevenly", "busiest shard over the mean", run => run.Statistics.LoadImbalance),
                Bars("seconds", "Virtual time of the same training", "virtual seconds", run => run.Outcome.VirtualSeconds),
                Bars("traffic", "Bytes in and out of the shards", "megabytes", run => Bytes(run) / 1e6),
            ],
            [
                "Items are accessed by Zipf's law with exponent 1 and numbered by popularity, users evenly; a batch of in-batch softmax "
                    + "looks every row up once, which takes some of the skew away.",
                "NuPS also relocates parameters at run time, which this parameter server does not.",
                "Copies are refreshed within 6 clocks, inside the bound of ssp:8; pushes go to the shards as before, so only what is read is saved.",
            ]);

        Chart Bars(string name, string title, string unit, Func<Simulated, double> value) =>
            new(name, title, "partitioning", unit, [new(unit, [.. runs.Select((run, n) => new ChartPoint(n, value(run.Run)))])])
            {
                Categories = [.. runs.Select(run => run.Name)],
                YFrom = 0
            };
    }

    private static double Bytes(Simulated run) => run.Statistics.ShardBytes.Sum();

    private static double Recall(Simulated run) => run.Training.Evaluations[^1].Masked.Mean("recall@50");
}
