using TwoTower.Actors.Options;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Node.Plots;

namespace TwoTower.Node.Reproductions;

/// <summary>Bounded delay trades idle workers against stale gradients.</summary>
internal sealed class BoundedDelay : IReproduction
{
    private const int Workers = 16;
    private const double Rate = 2;

    /// <inheritdoc />
    public string Name => "osdi14-bounded-delay";

    /// <inheritdoc />
    public string Source =>
        "Li, Andersen, Park et al., Scaling distributed machine learning with the parameter server, OSDI 2014, section 5.1 and figure 13";

    /// <inheritdoc />
    public string Claim =>
        "With stragglers, workers are idle about half of the time at a delay bound of 0 and under 2 % at 16; batches to a target rise "
        + "with the bound; the time to it is least in between.";

    /// <inheritdoc />
    public ReproductionReport Run(ReproductionContext context)
    {
        int[] bounds = context.Full ? [0, 1, 2, 4, 8, 16, 32] : [0, 1, 4, 16, 32];
        var seeds = context.Full ? 3 : 1;
        var idle = new List<ChartPoint>();
        var batches = new List<ChartPoint>();
        var seconds = new List<ChartPoint>();
        foreach (var bound in bounds)
        {
            var runs = Enumerable.Range(1, seeds).Select(seed => Simulate(context, bound, seed)).ToArray();
            idle.Add(new(bound, runs.Average(run => run.Idle)));
            batches.Add(new(bound, runs.Average(run => run.Batches)));
            seconds.Add(new(bound, runs.Average(run => run.Seconds)));
        }

        var least = seconds.MinBy(point => point.Y);
        var rises = batches[^1].Y / batches[0].Y;
        return new ReproductionReport(
            [
                new ReproductionRow("idle share of the workers at bound 0", "about half", idle[0].Y, 0.4, 0.65),
                new ReproductionRow("idle share of the workers at bound 16", "under 2 %", idle.First(point => point.X == 16).Y, 0, 0.02),
                new ReproductionRow($"batches to the target at bound {bounds[^1]} over those at bound 0", "above 1", rises, 1.02,
                    double.PositiveInfinity),
                new ReproductionRow("bound with the least time to the target", "strictly inside the range", least.X, bounds[0] + 1,
                    bounds[^1] - 1),
            ],
            [
                new Chart("idle", "Workers wait less the further they may run ahead", "delay bound (clocks)", "idle share of the workers",
                    [new("idle share", idle)]) { YFrom = 0 },
                new Chart("batches", "Stale gradients need more batches", "delay bound (clocks)", "batches to the target",
                    [new("batches", batches)]) { YFrom = 0 },
                new Chart("seconds", "Time to the target is least in between", "delay bound (clocks)", "virtual seconds to the target",
                    [new("seconds", seconds)]) { YFrom = 0 },
            ],
            [
                "Idle time is counted while there are batches to lease: at the end of a run, workers with a short queue wait for those "
                    + "with a long one at any bound.",
                "The paper trains sparse logistic regression; here it is a two-tower model with BPR and SGD, to a fixed loss of an epoch.",
                $"At bound 0 a step is the mean of {Workers} gradients, so its rate is {Workers} times that of the others: the same sum "
                    + $"of gradients per batch.",
            ]);
    }

    private static (double Idle, double Batches, double Seconds) Simulate(ReproductionContext context, int bound, int seed)
    {
        const double Target = 0.40;
        var options = new TrainingOptions
        {
            Model = new ModelOptions { Dim = 16 },
            Loss = new LossOptions { Kind = LossKind.Bpr, Negatives = 1, Sampling = NegativeSampling.Uniform, Temperature = 0.2 },
            Optimizer = new OptimizerOptions { Kind = OptimizerKind.Sgd, LearningRate = bound == 0 ? Rate * Workers : Rate },
            Workers = Workers,
            Shards = 4,
            Consistency = Consistency.Ssp(bound),
            Prefetch = bound, // a task of the paper starts as soon as all but the last τ of its worker are done, on what was there then
            BatchSize = 64,
            Epochs = context.Full ? 12 : 8,
            EvaluateEveryEpochs = 1000,
            Cutoffs = [10],
            Patience = 0,
            Seed = seed,
        };
        var world = new WorldOptions
        {
            Seed = seed,
            Network = NetworkOptions.Preset("lan"),
            Compute = new()
            {
                ExamplesPerSecond = 6_400,
                Factor = new Distribution.LogNormal(1, 0.5),
                PauseEverySeconds = 2,
                Pause = new Distribution.Gamma(0.02, 1),
                EvaluatedUsersPerSecond = 0
            },
        };
        var idle = new IdleWhileLeasing(Workers);
        var run = context.Simulate($"bound {bound}, seed {seed}", options, world, idle);
        var perEpoch = (double)(context.Data.Train.Count + options.BatchSize - 1) / options.BatchSize;
        var epochs = EpochsTo(run.Training.LossByEpoch, Target);
        return (idle.Share, epochs * perEpoch, epochs / run.Training.LossByEpoch.Count * run.Outcome.VirtualSeconds);
    }

    /// <summary>Epochs until the mean loss of an epoch is at a target, between two epochs by a straight
    /// line; infinite when it never is.</summary>
    internal static double EpochsTo(IReadOnlyList<double> lossByEpoch, double target)
    {
        for (var epoch = 0; epoch < lossByEpoch.Count; epoch++)
        {
            if (lossByEpoch[epoch] <= target)
            {
                return epoch == 0 ? 1 : epoch + ((lossByEpoch[epoch - 1] - target) / (lossByEpoch[epoch - 1] - lossByEpoch[epoch]));
            }
        }

        return double.PositiveInfinity;
    }
}
