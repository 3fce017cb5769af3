using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Simulation.Faults;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Model;
using TwoTower.Model.Data;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;

namespace TwoTower.Actors.Simulation.Campaigns;

/// <summary>One simulated world of a campaign: everything that decides it, besides <see cref="Data"/>.</summary>
/// <param name="Seed">What it was drawn from.</param>
/// <param name="Training">The training.</param>
/// <param name="World">The world, with its faults, and an end that it has to come to after the last of them.</param>
internal sealed record CampaignPlan(long Seed, TrainingOptions Training, WorldOptions World)
{
    /// <summary>How many of the plans are of clusters, where both are drawn.</summary>
    private const double ShareOfClusters = 0.4;

    /// <summary>What every plan is a variation of: the recipe <c>campaign</c>.</summary>
    public static TrainingOptions BaseTraining { get; } = new()
    {
        Model = new ModelOptions { Dim = 4 },
        Loss = new LossOptions { Kind = LossKind.Bpr, Sampling = NegativeSampling.Uniform, Temperature = 0.5 },
        Optimizer = new OptimizerOptions { Kind = OptimizerKind.Adagrad, LearningRate = 0.05 },
        Workers = 2,
        Shards = 2,
        Partitioner = PartitionerKind.Modulo,
        Consistency = Consistency.Bsp,
        BatchSize = 24,
        Epochs = 2,
        Durability = Durability.Checkpoint(2),
        FlushSeconds = 0.02,
        LeaseSeconds = 2,
        RetrySeconds = 0.1,
        StartWithinSeconds = 0, // a run that owes no end because a worker is gone before it begins has none
        CheckpointEveryEpochs = 1,
        Cutoffs = [5],
        Metric = "recall@5",
        Patience = 0,
    };

    /// <summary>Where the data of every plan comes from. Made once, and only read.</summary>
    public static DataOptions Data { get; } = new() { Profile = SyntheticProfile.Tiny.Name, Split = SplitKind.LeaveLastOut };

    /// <summary>The plan of a seed: a pure function of it.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="worlds">What worlds there may be.</param>
    public static CampaignPlan Draw(long seed, CampaignWorlds worlds = CampaignWorlds.Both)
    {
        var random = new SeededRandom(seed, 105);
        var ofCluster = random.NextDouble() < ShareOfClusters;
        var plan = worlds == CampaignWorlds.Clusters || (worlds == CampaignWorlds.Both && ofCluster) ? new ClusterDraw(seed)
            .Plan() : new SwarmDraw(seed).Plan();
        return SwarmDraw.Coin(ref random, 0.5)
            ? plan with { World = plan.World with { CondenseAfter = SwarmDraw.Of(ref random, 5, 15, 40) } } : plan;
    }

    /// <summary>Whether a shard that keeps nothing dies and loses what it has acknowledged, so that the run may end with a refusal to go
    /// on. In a cluster the checkers know what was lost.</summary>
    public bool MayLosePushes => !World.Topology.IsCluster && Training.Durability.Every is null && World.Faults.Faults.OfType<Fault.Crash>()
        .Any(crash => crash.Node.Role == NodeRole.Shard);

    /// <summary>Whether its settings, nodes and faults fit each other.</summary>
    public bool IsPossible
    {
        get
        {
            try
            {
                World.Check();
                World.Faults.Check(FaultPlan.NodesOf(World.Topology, Training.Workers, Training.Shards));
                return Training is { StalenessRefusal: null, CopiesBreakBound: false } && World.Compute.SlowWorkers <= Training.Workers
                    && (Training.LeaseConsistency.Bound is not { } bound || Training.Prefetch <= bound);
            }
            catch (WorldException)
            {
                return false;
            }
        }
    }

    /// <summary>Whether training can go on when its faults are over, as every plan that is drawn promises: what leaves or crashes for good
    /// has somebody to take over, and copies that are waited for have servers to lie on.</summary>
    public bool IsRecoverable
    {
        get
        {
            var gone = new GoneForGood(World.Faults, World.Topology, Training.Workers, Training.Shards);
            return gone.NobodyLeft(double.PositiveInfinity) is null
                && (!World.Topology.IsCluster || Training.WhenCopiesLack != WhenCopiesLack.Wait
                    || gone.ServersLeft > Training.Durability.Replicas);
        }
    }

    /// <summary>The plan with what follows from the rest: when training has to end, and whether it has to end with
    /// the bits of a run without faults.</summary>
    internal CampaignPlan Settled() => this with
    {
        World = World with
        {
            EndWithinSeconds = EndBound.Of(this),
            ComparesBits = !MayLosePushes && FaultlessRun.IsPromised(Training, Deaths.OfEvaluator(this)),
        },
    };
}
