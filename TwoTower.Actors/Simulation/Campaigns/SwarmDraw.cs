using TwoTower.Actors.Options;
using TwoTower.Actors.Simulation.Compute;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Model;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;

namespace TwoTower.Actors.Simulation.Campaigns;

/// <summary>Draws a plan. First which features and which kinds of fault it has at all, each by a coin of its own, then how much of each
/// (Groce et al. 2012, "Swarm testing": plans that lack most features find what plans with a little of everything hide).</summary>
/// <param name="seed">The plan's seed.</param>
internal sealed class SwarmDraw(long seed)
{
    private SeededRandom _settings = new(seed, 101);
    private SeededRandom _machines = new(seed, 102);
    private readonly long _seed = seed;

    public CampaignPlan Plan()
    {
        var training = Training();
        var (network, compute) = (Network(), Machines(training));
        var world = new WorldOptions
        {
            Network = network,
            Compute = compute,
            Seed = _seed,
            DetectionSeconds = Of(ref _machines, 0.1, 0.3, 1),
        };
        var drawn = new FaultDraw(_seed, training, world).Draw();
        return new CampaignPlan(_seed, training, world with
        {
            Faults = drawn.Faults,
            Network = network.GoesCalm ? network : network with { CalmAfterSeconds = drawn.CalmAfter },
        }).Settled();
    }

    /// <summary>The settings of the training.</summary>
    public TrainingOptions Training()
    {
        ref var random = ref _settings;
        var workers = 1 + random.NextInt(4);
        var consistency = Of(ref random, Consistency.Bsp, Consistency.Bsp, Consistency.Ssp(1 + random.NextInt(3)), Consistency.Asp,
            Consistency.Softsync(1 + random.NextInt(workers)));
        var synchronous = consistency.Kind == ConsistencyKind.Bsp;
        var bound = consistency.Bound ?? 3;
        var copies = Coin(ref random, 0.25) && bound > 0;
        var refresh = copies ? 1 + random.NextInt(bound) : 0;
        var ahead = consistency.Bound is null ? 2 : bound - refresh;
        var training = CampaignPlan.BaseTraining with
        {
            Workers = workers,
            Shards = 1 + random.NextInt(3),
            Partitioner = Of(ref random, PartitionerKind.Range, PartitionerKind.Modulo, PartitionerKind.Hash, PartitionerKind.Balanced),
            Consistency = consistency,
            BackupWorkers = synchronous && workers > 1 && Coin(ref random, 0.3) ? 1 + random.NextInt(workers - 1) : 0,
            HotRows = copies ? 4 + random.NextInt(12) : 0,
            HotRowsRefresh = refresh,
            Prefetch = Coin(ref random, 0.4) && ahead > 0 ? 1 + random.NextInt(ahead) : 0,
            PullPrecision = Coin(ref random, 0.2) ? Of(ref random, RowPrecision.BFloat16, RowPrecision.Int8) : RowPrecision.Float32,
            PushPrecision = Coin(ref random, 0.2) ? Of(ref random, RowPrecision.BFloat16, RowPrecision.Int8) : RowPrecision.Float32,
            BatchSize = Of(ref random, 16, 24, 40),
            BatchPer = Coin(ref random, 0.2) ? BatchScope.Clock : BatchScope.Worker,
            Epochs = 1 + random.NextInt(3),
            Durability = Coin(ref random, 0.1) ? Durability.None : Durability.Checkpoint(1 + random.NextInt(5)),
            FlushSeconds = Of(ref random, 0.005, 0.02, 0.05),
            LeaseSeconds = Of(ref random, 1.0, 2, 4),
            RetrySeconds = Of(ref random, 0.05, 0.1, 0.2),
            CheckpointEveryEpochs = random.NextInt(3),
            EvaluateEveryBatches = Coin(ref random, 0.3) ? 3 + random.NextInt(10) : 0,
            EvaluateEveryEpochs = Coin(ref random, 0.2) ? 2 : 1,
            Patience = Coin(ref random, 0.25) ? 1 + random.NextInt(2) : 0,
            Seed = 1 + random.NextInt(1000),
        };
        return training with
        {
            Loss = Loss(ref random, training.Loss),
            Optimizer = training.Optimizer with
            {
                Kind = Of(ref random, OptimizerKind.Adagrad, OptimizerKind.Adagrad, OptimizerKind.RowwiseAdagrad,
                OptimizerKind.Momentum, OptimizerKind.Adam)
            },
            StalenessPolicy = Coin(ref random, 0.2) ? Policy(ref random, training) : training.StalenessPolicy,
            StalenessInjection = !synchronous && Coin(ref random, 0.1)
                ? new StalenessInjection(InjectionKind.Uniform, 1 + random.NextInt(3)) : StalenessInjection.None,
        };
    }

    /// <summary>Those that compare rows with what was pulled are for workers that keep no copies.</summary>
    private static StalenessPolicyOptions Policy(ref SeededRandom random, TrainingOptions training)
    {
        var policy = new StalenessPolicyOptions
        {
            Kind = Of(ref random, StalenessPolicyKind.Divide, StalenessPolicyKind.Drop, StalenessPolicyKind.DelayCompensation,
                StalenessPolicyKind.GapAware),
            DropAbove = 1 + random.NextInt(3),
        };
        policy = policy.Kind == StalenessPolicyKind.Drop ? policy : policy with { DropAbove = 0 };
        return policy.ComparesRows && training.HotRows > 0 ? training.StalenessPolicy : policy;
    }

    /// <summary>Other losses give workers and trainer other things to say to each other: rankings to draw
    /// from, statistics beside gradients.</summary>
    private static LossOptions Loss(ref SeededRandom random, LossOptions usual) => random.NextInt(10) switch
    {
        0 => usual with { Sampling = NegativeSampling.Ranked, RankingDepth = 10 },
        1 => usual with { Sampling = NegativeSampling.Dynamic, Candidates = 3 },
        2 => usual with { Kind = LossKind.InBatchSoftmax, Sampling = NegativeSampling.Unseen },
        _ => usual,
    };

    /// <summary>The links.</summary>
    public NetworkOptions Network()
    {
        ref var random = ref _machines;
        var network = NetworkOptions.Preset(Of(ref random, "local", "lan", "cloud", "wan")) with { Loss = 0 };
        return network with
        {
            Loss = Coin(ref random, 0.3) ? Of(ref random, 0.01, 0.05, 0.2) : 0,
            Duplication = Coin(ref random, 0.3) ? Of(ref random, 0.01, 0.05, 0.2) : 0,
            Reordering = Coin(ref random, 0.3) ? Of(ref random, 0.05, 0.3) : 0,
            BytesPerSecond = Coin(ref random, 0.2) ? Of(ref random, 1e5, 3e5) : network.BytesPerSecond,
            Jitter = Coin(ref random, 0.3) ? new Distribution.Gamma(Of(ref random, 0.01, 0.03), 2) : network.Jitter,
        };
    }

    /// <summary>The machines.</summary>
    public ComputeOptions Machines(TrainingOptions training)
    {
        ref var random = ref _machines;
        var slow = Coin(ref random, 0.2);
        return new ComputeOptions
        {
            ExamplesPerSecond = Of(ref random, 1_000.0, 2_000, 5_000),
            Factor = Coin(ref random, 0.4) ? Of<Distribution>(ref random, new Distribution.LogNormal(1, 0.3), new Distribution.Gamma(1, 1),
                new Distribution.Pareto(0.7, 3)) : new Distribution.Constant(1),
            SlowWorkers = slow ? 1 + random.NextInt(training.Workers) : 0,
            SlowBy = slow ? Of(ref random, 2.0, 8) : 1,
            EvaluatedUsersPerSecond = Of(ref random, 200.0, 1_000, 10_000),
            DiskBytesPerSecond = Coin(ref random, 0.4) ? Of(ref random, 3e4, 1e5, 5e5) : 5e7,
        };
    }

    internal static bool Coin(ref SeededRandom random, double share) => random.NextDouble() < share;

    internal static T Of<T>(ref SeededRandom random, params ReadOnlySpan<T> choices) => choices[random.NextInt(choices.Length)];
}
