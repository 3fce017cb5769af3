using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Simulation.Compute;
using TwoTower.Actors.Simulation.Faults;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Model;

namespace TwoTower.Actors.Simulation.Campaigns;

/// <summary>Makes of a plan one in which a server leaves, and the moment in which it hands over what it has is long: what may happen in
/// that moment is otherwise hardly ever met.</summary>
/// <param name="drawn">What the plan is made from.</param>
internal sealed class LeavingScene(CampaignPlan drawn)
{
    /// <summary>How long messages take where servers are far apart. A majority is in sight only as long as its pulses are
    /// there and back in half a second.</summary>
    private static readonly Distribution s_far = new Distribution.LogNormal(0.08, 0.7);

    public CampaignPlan Draw(ref SeededRandom random)
    {
        var leaving = NodeId.Server(random.NextInt(2));
        var at = 1 + (4 * random.NextDouble());
        Fault[] leave = [new Fault.Leave(Rounded(at), leaving), new Fault.Join(Rounded(at + 10 + (20 * random.NextDouble())), leaving)];
        switch (random.NextInt(4))
        {
            case 0 or 1:
                // Who is to have the shard dies while operations are still on their way to it, which the word
                // that workers are told to wait has overtaken.
                var world = Far(drawn.World, servers: 2);
                var death = new Fault.Crash(Rounded(at + 0.1 + (0.3 * random.NextDouble())), NodeId.Server(1 - leaving.Index),
                    Rounded(random.NextDouble()));
                return Of(world with { Network = world.Network with { Reordering = 0.5, CalmAfterSeconds = Rounded(at + 5) } },
                    Busy(Durability.Replica(1), batchSize: 16) with { Workers = 6 }, [.. leave, death]);
            case 2:
                // A push in many pieces is on its way to a server that has the shard no more.
                var far = Far(drawn.World, servers: 3);
                // a target is sent one long message in a round trip
                return Of(far with { Topology = far.Topology with { PieceBytes = 192 } }, Busy(Durability.Replica(1), batchSize: 40) with
                { Prefetch = 0 }, leave);
            default:
                // The last write takes longer than anybody waits.
                var slow = new Fault.Slow(Rounded(at - 0.2), leaving, 100 + random.NextInt(100), Rounded(10 + (10 * random.NextDouble())));
                return Of(
                    drawn.World with
                    {
                        Topology = Topology.Cluster(2),
                        Compute = Steady(drawn.World.Compute) with
                        { DiskBytesPerSecond = 2e4 }
                    }, Busy(Durability.Checkpoint(1), batchSize: 16), [slow, .. leave]);
        }
    }

    /// <summary>Workers that push all the time, and for as long as it takes.</summary>
    private TrainingOptions Busy(Durability durability, int batchSize) => drawn.Training with
    {
        Workers = Math.Max(3, drawn.Training.Workers),
        BackupWorkers = 0,
        Shards = 3,
        Consistency = Consistency.Asp,
        BatchSize = batchSize,
        BatchPer = BatchScope.Worker,
        Durability = durability,
        Epochs = 3,
        LeaseSeconds = 8,
        Patience = 0,
    };

    private CampaignPlan Of(WorldOptions world, TrainingOptions training, IReadOnlyList<Fault> faults) => drawn with
    {
        Training = training,
        World = world with { Faults = new FaultPlan([.. faults.OrderBy(fault => fault.At)]), Network = world.Network with { Loss = 0 } },
    };

    private static WorldOptions Far(WorldOptions world, int servers) => world with
    {
        Topology = Topology.Cluster(servers),
        Network = world.Network with { Latency = s_far, Jitter = new Distribution.Constant(0) },
        Compute = Steady(world.Compute),
    };

    /// <summary>So slow that training lasts, and no batch longer than a lease.</summary>
    private static ComputeOptions Steady(ComputeOptions compute) =>
        compute with
        {
            ExamplesPerSecond = 100,
            Factor = new Distribution.Constant(1),
            SlowWorkers = 0,
            SlowBy = 1,
            DiskBytesPerSecond = 5e7
        };

    private static double Rounded(double seconds) => Math.Round(seconds, 4);
}
