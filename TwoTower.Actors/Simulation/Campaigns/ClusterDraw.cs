using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Model;

namespace TwoTower.Actors.Simulation.Campaigns;

/// <summary>Draws a plan whose world is a cluster: servers that share the shards, copies of them, hand-off, majorities. Times are longer: a
/// cluster takes seconds to notice anything.</summary>
/// <param name="seed">The plan's seed.</param>
internal sealed class ClusterDraw(long seed)
{
    private const double ShareOfScenes = 0.12;

    private SeededRandom _random = new(seed, 104);

    public CampaignPlan Plan()
    {
        ref var random = ref _random;
        var swarm = new SwarmDraw(seed);
        var servers = 1 + random.NextInt(4);
        var training = swarm.Training();
        var replicas = servers > 1 && SwarmDraw.Coin(ref random, 0.7) ? 1 + random.NextInt(Math.Min(2, servers - 1)) : 0;
        training = training with
        {
            Durability = replicas > 0 ? Durability.Replica(replicas) : training.Durability,
            WhenCopiesLack = replicas > 0 && SwarmDraw.Coin(ref random, 0.4) ? WhenCopiesLack.Wait : WhenCopiesLack.GoOn,
            LeaseSeconds = SwarmDraw.Of(ref random, 4.0, 8),
            RetrySeconds = SwarmDraw.Of(ref random, 0.2, 0.5),
            StalenessInjection = StalenessInjection.None, // it keeps a view of the model for every worker in one process
        };
        var network = swarm.Network();
        var world = new WorldOptions
        {
            Topology = Topology.Cluster(servers) with
            {
                PieceBytes = SwarmDraw.Coin(ref random, 0.3) ? SwarmDraw.Of(ref random, 96, 512,
                2_048) : EndpointProtocol.ChunkBytes
            },
            Network = network with { Loss = Math.Min(network.Loss, 0.05), BytesPerSecond = Math.Max(network.BytesPerSecond, 1e6) },
            Compute = swarm.Machines(training) with
            {
                ExamplesPerSecond = SwarmDraw.Of(ref random, 100.0, 300, 1_000),
                DiskBytesPerSecond = SwarmDraw.Coin(ref random, 0.4) ? SwarmDraw.Of(ref random, 2e4, 1e5) : 5e7
            },
            Seed = seed,
        };
        var drawn = new FaultDraw(seed, training, world).Draw();
        var plan = new CampaignPlan(seed, training, world with
        {
            Faults = drawn.Faults,
            Network = world.Network.GoesCalm ? world.Network : world.Network with { CalmAfterSeconds = drawn.CalmAfter },
        });
        return (SwarmDraw.Coin(ref random, ShareOfScenes) ? new LeavingScene(plan).Draw(ref random) : plan).Settled();
    }
}
