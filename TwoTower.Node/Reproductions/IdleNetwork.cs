using TwoTower.Actors.Hosting;
using TwoTower.Actors.Options;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;

namespace TwoTower.Node.Reproductions;

/// <summary>A simulation in which nothing is slow is live training.</summary>
internal sealed class IdleNetwork : IReproduction
{
    /// <inheritdoc />
    public string Name => "idle-network";

    /// <inheritdoc />
    public string Source => "TwoTower's own check that the simulator runs what train runs";

    /// <inheritdoc />
    public string Claim => "One worker simulated in an idle network ends with the parameters of one worker trained live, to the bit.";

    /// <inheritdoc />
    public ReproductionReport Run(ReproductionContext context)
    {
        var rows = new List<ReproductionRow>();
        var remarks = new List<string>();
        foreach (var (loss, optimizer) in new[] { (LossKind.InBatchSoftmax, OptimizerKind.Adam), (LossKind.Bpr, OptimizerKind.Adagrad) })
        {
            var options = new TrainingOptions
            {
                Model = new ModelOptions { Dim = context.Full ? 128 : 16 },
                Loss = new LossOptions { Kind = loss },
                Optimizer = new OptimizerOptions { Kind = optimizer },
                Workers = 1,
                Consistency = Consistency.Ssp(4),
                Epochs = context.Full ? 5 : 1,
                Cutoffs = [10],
                Patience = 0,
            };
            var simulated = context.Simulate($"{loss} simulated", options, new WorldOptions { Network = NetworkOptions.Preset("ideal") })
                .Training;
            var live = LocalTraining.RunAsync(new TrainingPlan(options, context.Data)).GetAwaiter().GetResult();
            rows.Add(new ReproductionRow($"{loss}: same parameters live and simulated (1 is yes)", "yes",
                live.ParametersSha256 == simulated.ParametersSha256 ? 1 : 0, 1, 1));
            remarks.Add($"{loss}: {simulated.ParametersSha256}");
        }

        return new ReproductionReport(rows, [], remarks);
    }
}
