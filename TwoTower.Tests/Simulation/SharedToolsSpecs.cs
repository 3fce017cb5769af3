using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Simulation.Time;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Tests.Training;

namespace TwoTower.Tests.Simulation;

/// <summary>A thousand simulated workers take the memory of the batches on their way, not of a thousand workers.</summary>
public class SharedToolsSpecs
{
    [Fact]
    public void Workers_that_stop_leave_shared_tools_in_working_order()
    {
        var options = InvariantSpecs.Options(LossKind.InBatchSoftmax, OptimizerKind.Sgd) with
        { Workers = 3, Consistency = Consistency.Asp, LeaseSeconds = 2, RetrySeconds = 0.5 };
        var world = new WorldOptions
        {
            Network = NetworkOptions.Preset("lan"),
            Compute = new() { ExamplesPerSecond = 2000 },
            DetectionSeconds = 0.1
        };

        var outcome = SimulatedTraining.Run(new TrainingPlan(options, SmallData.Make()), world, prepare: (simulated, time) =>
        {
            time.After(VirtualTime.TicksOf(0.05), new VirtualCall(() => simulated.Crash(NodeId.Worker(0))));
            time.After(VirtualTime.TicksOf(0.3), new VirtualCall(() => simulated.Restart(NodeId.Worker(0))));
        });

        Assert.Equal(StopReason.Finished, outcome.Training.Reason);
    }

    [Fact]
    public void Memory_grows_with_batches_on_their_way_and_hardly_with_workers()
    {
        var options = InvariantSpecs.Options(LossKind.InBatchSoftmax, OptimizerKind.Sgd) with
        {
            Model = new() { Dim = 64 },
            BatchSize = 256,
            Epochs = 1,
            Consistency = Consistency.Asp,
            Patience = 0,
        };
        long Allocated(int workers)
        {
            var plan = new TrainingPlan(options with { Workers = workers }, SmallData.Make());
            var before = GC.GetAllocatedBytesForCurrentThread();
            SimulatedTraining.Run(plan, new WorldOptions());
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Allocated(1);
        var few = Allocated(4);
        var many = Allocated(204);

        // A slot and a kernel of its own took each worker about 1 MB; its actor, links and messages take some 20 kB.
        Assert.InRange((many - few) / 200, 1, 100_000);
    }
}
