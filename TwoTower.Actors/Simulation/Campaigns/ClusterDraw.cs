using TwoTower.Actors.Hosting;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Simulation.Faults;
using TwoTower.Actors.Training;
using TwoTower.Model;

namespace TwoTower.Actors.Simulation.Campaigns;

/// <summary>Makes a plan of a cluster of one whose actors had nodes of their own: server nodes that share the shards, and what befalls nodes.</summary>
/// <remarks>A cluster takes some seconds to find out that a node is gone, so training is slower here, leases last longer, and faults lie further apart: virtual seconds cost little.</remarks>
/// <param name="seed">The plan's seed.</param>
internal sealed class ClusterDraw(long seed)
{
    /// <summary>How long a cluster may take to be as it was after a node is lost, in seconds: detection, decision, removal, a new host, copies.</summary>
    private const double Recovery = 15;

    private SeededRandom _random = new(seed, 104);

    /// <summary>Whether a plan is one of a cluster.</summary>
    public bool IsDue => SwarmDraw.Coin(ref _random, 0.3);

    /// <summary>The plan.</summary>
    /// <param name="plan">Where settings, network and machines come from.</param>
    public CampaignPlan Of(CampaignPlan plan)
    {
        ref var random = ref _random;
        var servers = 1 + random.NextInt(4);
        var most = Math.Max(1, Math.Min(2, servers - 1));
        var training = plan.Training with
        {
            Durability = SwarmDraw.Coin(ref random, 0.6) ? Durability.Replica(1 + random.NextInt(most)) : SwarmDraw.Coin(ref random, 0.7) ? plan.Training.Durability : Durability.None,
            LeaseSeconds = SwarmDraw.Of(ref random, 4.0, 8, 20),
            RetrySeconds = SwarmDraw.Of(ref random, 0.2, 0.5),
        };
        training = training.Durability.Replicas < servers && SwarmDraw.Coin(ref random, 0.3) ? training with { WhenCopiesLack = WhenCopiesLack.Wait } : training;
        var world = plan.World with
        {
            Topology = Topology.Cluster(servers),
            Compute = plan.World.Compute with { ExamplesPerSecond = SwarmDraw.Of(ref random, 20.0, 50, 200) },
            Network = plan.World.Network with { Loss = Math.Min(plan.World.Network.Loss, 0.05), CalmAfterSeconds = 0 },
        };
        var length = training.Epochs * 400 / world.Compute.ExamplesPerSecond / training.Workers;
        var faults = Faults(training, servers, length + 2);
        return new CampaignPlan(seed, training, world with
        {
            Faults = new FaultPlan(faults),
            Network = world.Network with { CalmAfterSeconds = Rounded(length * (0.5 + random.NextDouble())) },
        }).Settled();
    }

    private Fault[] Faults(TrainingOptions training, int servers, double horizon)
    {
        ref var random = ref _random;
        var faults = new List<Fault>();
        var apart = SwarmDraw.Coin(ref random, 0.6); // else things go wrong at about the same moment
        var moment = horizon * random.NextDouble();
        double When(ref SeededRandom random, int n) => Rounded(apart ? ((horizon * random.NextDouble()) + (n * Recovery)) : moment - (2 * Math.Log(1 - random.NextDouble())));
        double Length(ref SeededRandom random) => Rounded(Math.Clamp(-Math.Log(1 - random.NextDouble()) * SwarmDraw.Of(ref random, 0.3, 3, 12), 0.01, 40));
        foreach (var role in (ReadOnlySpan<NodeRole>)[NodeRole.Server, NodeRole.Worker, NodeRole.Trainer, NodeRole.Evaluator])
        {
            var times = SwarmDraw.Coin(ref random, role == NodeRole.Server ? 0.6 : 0.3) ? 1 + random.NextInt(2) : 0;
            for (var n = 0; n < times; n++)
            {
                var crash = new Fault.Crash(When(ref random, n), Any(ref random, role, training, servers), Length(ref random));
                if (!faults.OfType<Fault.Crash>().Any(other => other.Node == crash.Node && other.At <= crash.Until && other.Until >= crash.At))
                {
                    faults.Add(crash);
                }
            }
        }

        if (servers > 1 && SwarmDraw.Coin(ref random, 0.35))
        {
            // One leaves in good order and comes back, or another comes.
            var (node, at) = (NodeId.Server(random.NextInt(servers)), When(ref random, 1));
            faults.Add(new Fault.Leave(at, node));
            faults.Add(new Fault.Join(Rounded(at + Recovery + Length(ref random)), SwarmDraw.Coin(ref random, 0.5) ? node : NodeId.Server(servers)));
        }
        else if (SwarmDraw.Coin(ref random, 0.2))
        {
            faults.Add(new Fault.Join(When(ref random, 0), NodeId.Server(servers)));
        }

        if (SwarmDraw.Coin(ref random, 0.35))
        {
            var one = Any(ref random, Role(ref random), training, servers);
            var to = SwarmDraw.Coin(ref random, 0.5) ? NodeSet.All : NodeSet.Of(Any(ref random, Role(ref random), training, servers));
            faults.Add(new Fault.Partition(When(ref random, 0), new NetworkCut(NodeSet.Of(one), to, SwarmDraw.Coin(ref random, 0.3)), Length(ref random)));
        }

        if (SwarmDraw.Coin(ref random, 0.25))
        {
            faults.Add(new Fault.Slow(When(ref random, 0), Any(ref random, Role(ref random), training, servers), 2 + random.NextInt(9), Length(ref random)));
        }

        return [.. faults.OrderBy(fault => fault.At)];
    }

    private static NodeRole Role(ref SeededRandom random) => SwarmDraw.Of(ref random, NodeRole.Trainer, NodeRole.Server, NodeRole.Server, NodeRole.Worker, NodeRole.Evaluator);

    private static NodeId Any(ref SeededRandom random, NodeRole role, TrainingOptions training, int servers) => new(role, role switch
    {
        NodeRole.Worker => random.NextInt(training.Workers),
        NodeRole.Server => random.NextInt(servers),
        _ => 0,
    });

    private static double Rounded(double seconds) => Math.Max(0.001, Math.Round(seconds, 3));
}
