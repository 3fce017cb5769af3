using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Simulation.Sizing;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Node.Calibration;
using TwoTower.Node.Engines;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Planning;

/// <summary>Predicts by simulation how a training would go with other numbers of workers, from what was measured on this machine.</summary>
/// <param name="settings">The run.</param>
/// <param name="data">Its data.</param>
/// <param name="cost">What messages cost here.</param>
/// <param name="oneMachine">Whether all actors share this machine, or each has one like it.</param>
/// <param name="cores">Cores of this machine.</param>
internal sealed class Planner(ResolvedSettings settings, RecommenderData data, MessageCost cost, bool oneMachine, int cores)
{
    /// <summary>Simulates the training with so many workers, with real gradients.</summary>
    public SizePlan Predict(int workers)
    {
        var options = Options(workers);
        var speed = KernelCalibration.Measure(options, data);
        var workerSeconds = speed.MeanSeconds + cost.WorkerSeconds;
        var slowdown = oneMachine ? CoreSharing.Slowdown(workers, cores, workerSeconds, cost.ShardSeconds + EvaluationSeconds(options)) : 1;
        var world = World(speed, slowdown);
        var saturation = new Saturation(world);
        var outcome = SimulatedTraining.Run(new TrainingPlan(options, data), world, [saturation]);
        return new SizePlan(workers, Of(outcome.Training, options), slowdown, saturation.WorkerCompute, speed.Cv);
    }

    /// <summary>Trains with so many workers, for real.</summary>
    public async Task<SizeOutcome> MeasureAsync(int workers)
    {
        var options = Options(workers);
        return Of(await new LiveEngine().RunAsync(settings, new TrainingPlan(options, data), new Progress<TrainingEvent>(),
            CancellationToken.None).ConfigureAwait(false), options);
    }

    private TrainingOptions Options(int workers) => settings.Values.Training with { Workers = workers };

    private static SizeOutcome Of(TrainingOutcome outcome, TrainingOptions options) => new(
        outcome.ExamplesPerSecond, [.. outcome.Evaluations.Where(report => report.TrainSeconds is not null)
            .Select(report => (report.TrainSeconds!.Value, report.Masked.Mean(options.Metric)))]);

    /// <summary>Core seconds of evaluations per example: they rank on all cores while training goes on, but for the
    /// last, which has them to itself.</summary>
    private double EvaluationSeconds(TrainingOptions options)
    {
        if (cost.EvaluatedUsersPerSecond <= 0)
        {
            return 0;
        }

        var users = Model.Evaluation.RankingTask.Validation(data).Users.Length;
        var examples = options.EvaluateEveryBatches > 0 ? (double)options.EvaluateEveryBatches * options.BatchSize
            : (double)options.EvaluateEveryEpochs * data.Train.Count;
        var all = (double)options.Epochs * data.Train.Count;
        return users / cost.EvaluatedUsersPerSecond * cores * Math.Max(0, (all / examples) - 1) / all;
    }

    private WorldOptions World(KernelSpeed speed, double slowdown)
    {
        var given = settings.Values.World;

        // The factor has mean 1 here: a worker takes the mean of its gradient and its share of the messages.
        var rate = 1 / ((speed.MeanSeconds + cost.WorkerSeconds) * slowdown);
        return given with
        {
            Network = oneMachine ? new NetworkOptions { Latency = new Distribution.Constant(cost.Latency) } : given.Network,
            Compute = given.Compute with
            {
                ExamplesPerSecond = rate,
                Factor = speed.Cv < KernelSpeed.Tiny ? new Distribution.Constant(1) : new Distribution.LogNormal(1, speed.Cv),
                ShardBytesPerSecond = cost.ShardBytesPerSecond,
                EvaluatedUsersPerSecond = cost.EvaluatedUsersPerSecond,
            },
        };
    }
}
