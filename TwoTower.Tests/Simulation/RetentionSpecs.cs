using System.Runtime.CompilerServices;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Checking;
using TwoTower.Actors.Simulation.Faults;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Simulation.Tracing;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Tests.Training;

namespace TwoTower.Tests.Simulation;

/// <summary>Whoever watches a simulated run holds on to no message, and to nothing that grows with batches and evaluations.</summary>
public class RetentionSpecs
{
    [Theory]
    [InlineData("bsp")]
    [InlineData("ssp:2")]
    public void Checkers_tracers_and_statistics_keep_no_model_and_grow_neither_with_batches_nor_with_evaluations(string consistency)
    {
        Assert.True(Consistency.TryParse(consistency, out var model));

        var (few, fewModels) = Watch(model, epochs: 2);
        var (many, manyModels) = Watch(model, epochs: 30);

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.True(manyModels.Count > 60 && fewModels.Count < 20, $"{fewModels.Count} and {manyModels.Count} models");
        Assert.Equal(0, manyModels.Count(reference => reference.IsAlive));
        var (before, after) = (Reachable.From([.. few]), Reachable.From([.. many]));
        Assert.True(before > 1000, $"{before}: the watchers were not looked into");
        Assert.InRange(after, 0, before + 500);
        GC.KeepAlive(many);
    }

    /// <summary>A run of its own frame, so that nothing of it is alive when it is over but what its watchers hold.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (IReadOnlyList<IWorldObserver> Watchers, List<WeakReference> Models) Watch(Consistency consistency, int epochs)
    {
        var options = InvariantSpecs.Options(LossKind.Bpr, OptimizerKind.Adagrad) with
        { Consistency = consistency, Workers = 2, Epochs = epochs, LeaseSeconds = 1, RetrySeconds = 0.2 };
        var run = new TrainingRun(new TrainingPlan(options, SmallData.Make()));
        IReadOnlyList<IWorldObserver> watchers = [CheckerSet.Of(run, 1), new TraceWriter(options.Metric, null),
            new WorldStatistics(options), new EventHash(),
            new Watchdog(1000, new GoneForGood(FaultPlan.None, Topology.Actors, 2, options.Shards))];
        var models = new Models();
        SimulatedTraining.Run(
            run, new WorldOptions
            {
                Seed = 1,
                Checks = false,
                Network = new NetworkOptions
                {
                    Latency = new Distribution.Constant(0.001),
                    Loss = 0.01,
                    Duplication = 0.02
                }
            }, [.. watchers, models]);
        return (watchers, models.Seen);
    }

    private sealed class Models : IWorldObserver
    {
        public List<WeakReference> Seen { get; } = [];

        public void Sent(double now, in Crossing crossing)
        {
            switch (crossing.Message)
            {
                case SnapshotProtocol.Part part:
                    Seen.Add(new WeakReference(part.Users));
                    break;
                case SnapshotProtocol.Evaluated evaluated:
                    Seen.Add(new WeakReference(evaluated.Snapshot.Users));
                    break;
                case StateProtocol.Image image:
                    Seen.Add(new WeakReference(image.Users.Values));
                    break;
            }
        }
    }
}
