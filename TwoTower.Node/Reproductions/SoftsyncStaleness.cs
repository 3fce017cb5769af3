using TwoTower.Actors.Options;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Node.Plots;

namespace TwoTower.Node.Reproductions;

/// <summary>The splitting parameter n of n-softsync is the staleness that it brings.</summary>
internal sealed class SoftsyncStaleness : IReproduction
{
    private const int Workers = 30;

    /// <inheritdoc />
    public string Name => "zhang15-staleness";

    /// <inheritdoc />
    public string Source =>
        "Zhang, Gupta, Lian and Liu, Staleness-aware async-SGD for distributed deep learning, 2015 (IJCAI 2016), section 5.1 and figure 1";

    /// <inheritdoc />
    public string Claim =>
        "With 30 workers under n-softsync the mean staleness of a gradient is about n updates, and all lie within [0, 2n] but for a share "
        + "under 1e-4.";

    /// <inheritdoc />
    public ReproductionReport Run(ReproductionContext context)
    {
        var rows = new List<ReproductionRow>();
        var lines = new List<ChartSeries>();
        foreach (var n in new[] { 1, 5, 15, 30 })
        {
            var options = new TrainingOptions
            {
                Model = new ModelOptions { Dim = 2 },
                Loss = new LossOptions { Kind = LossKind.Bpr },
                Optimizer = new OptimizerOptions { Kind = OptimizerKind.Sgd },
                Workers = Workers,
                Shards = 1,
                Consistency = Consistency.Softsync(n),
                BatchSize = context.Full ? 8 : 16,
                Epochs = context.Full ? 3 : 1,
                EvaluateEveryEpochs = 1000,
                Cutoffs = [10],
                Patience = 0,
            };
            var world = new WorldOptions
            {
                Network = NetworkOptions.Preset("lan"),
                Compute = new()
                {
                    ExamplesPerSecond = options.BatchSize / 0.02,
                    Factor = new Distribution.Gamma(1, 0.1),
                    EvaluatedUsersPerSecond = 0
                }
            };
            var counts = context.Simulate($"n = {n}", options, world).Training.Staleness.Versions;
            var pushes = (double)counts.Sum();
            rows.Add(new ReproductionRow($"mean staleness in updates, n = {n}", $"about {n}",
                counts.Select((count, tau) => tau * (double)count).Sum() / pushes, 0.85 * n, 1.15 * n));
            rows.Add(new ReproductionRow($"share of gradients above 2n, n = {n}", "under 1e-4", counts.Skip((2 * n) + 1)
                .Sum() / pushes, 0, 1e-4));
            lines.Add(new ChartSeries($"n = {n}", [.. counts.Select((count, tau) => new ChartPoint(tau, count / pushes))]));
        }

        return new ReproductionReport(
            rows,
            [new Chart("staleness", "The staleness of n-softsync is about n", "staleness (updates of the weights between pull and push)",
                "share of gradients", lines) { YFrom = 0 }],
            ["A worker takes 20 ms for a batch, with a coefficient of variation of 0.1: the paper's learners are alike too. The staleness "
                + "is measured on the shard."]);
    }
}
