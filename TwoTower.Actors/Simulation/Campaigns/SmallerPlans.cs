using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation.Compute;
using TwoTower.Actors.Simulation.Faults;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Simulation.Campaigns;

/// <summary>The ways in which a plan can be made smaller.</summary>
internal static class SmallerPlans
{
    private static readonly TrainingOptions s_base = CampaignPlan.BaseTraining;
    private static readonly ComputeOptions s_machines = new() { ExamplesPerSecond = 2_000 };

    /// <summary>Whether it would change a plan, and the plan that it makes.</summary>
    public static IReadOnlyList<(Func<CampaignPlan, bool> Changes, Func<CampaignPlan, CampaignPlan> Make)> All { get; } =
    [
        .. Network(n => n.Loss, (n, usual) => n with { Loss = usual }, 0),
        .. Network(n => n.Duplication, (n, usual) => n with { Duplication = usual }, 0),
        .. Network(n => n.Reordering, (n, usual) => n with { Reordering = usual }, 0),
        .. Network(n => n.Jitter, (n, usual) => n with { Jitter = usual }, new Distribution.Constant(0)),
        .. Network(n => n.CalmAfterSeconds, (n, usual) => n with { CalmAfterSeconds = usual }, 0),
        .. Network(n => n.BytesPerSecond, (n, usual) => n with { BytesPerSecond = usual }, NetworkOptions.Preset("lan").BytesPerSecond),
        .. Network(n => n.Latency, (n, usual) => n with { Latency = usual }, NetworkOptions.Preset("lan").Latency),
        .. Machines(c => c.Factor, (c, usual) => c with { Factor = usual }),
        .. Machines(c => c.SlowWorkers, (c, usual) => c with { SlowWorkers = usual, SlowBy = 1 }),
        .. Machines(c => c.DiskBytesPerSecond, (c, usual) => c with { DiskBytesPerSecond = usual }),
        .. Machines(c => c.EvaluatedUsersPerSecond, (c, usual) => c with { EvaluatedUsersPerSecond = usual }),
        .. Machines(c => c.ExamplesPerSecond, (c, usual) => c with { ExamplesPerSecond = usual }),
        .. World(w => w.Topology.PieceBytes, (w, usual) => w with { Topology = w.Topology with { PieceBytes = usual } },
            EndpointProtocol.ChunkBytes),
        .. World(w => w.CondenseAfter, (w, usual) => w with { CondenseAfter = usual }, TrainerOutbox.MostEntries),
        .. World(w => w.DetectionSeconds, (w, usual) => w with { DetectionSeconds = usual }, 0.3),
        .. Settings(t => t.Loss, (t, usual) => t with { Loss = usual }, s_base.Loss),
        .. Settings(t => t.Optimizer, (t, usual) => t with { Optimizer = usual }, s_base.Optimizer),
        .. Settings(t => t.StalenessPolicy, (t, usual) => t with { StalenessPolicy = usual }, s_base.StalenessPolicy),
        .. Settings(t => t.StalenessInjection, (t, usual) => t with { StalenessInjection = usual }, StalenessInjection.None),
        .. Settings(t => t.BackupWorkers, (t, usual) => t with { BackupWorkers = usual }, 0),
        .. Settings(t => (t.HotRows, t.HotRowsRefresh),
            (t, usual) => t with { HotRows = usual.HotRows, HotRowsRefresh = usual.HotRowsRefresh }, (HotRows: 0, HotRowsRefresh: 0)),
        .. Settings(t => t.Prefetch, (t, usual) => t with { Prefetch = usual }, 0),
        .. Settings(t => t.PullPrecision, (t, usual) => t with { PullPrecision = usual }, s_base.PullPrecision),
        .. Settings(t => t.PushPrecision, (t, usual) => t with { PushPrecision = usual }, s_base.PushPrecision),
        .. Settings(t => t.Partitioner, (t, usual) => t with { Partitioner = usual }, s_base.Partitioner),
        .. Settings(t => t.BatchPer, (t, usual) => t with { BatchPer = usual }, s_base.BatchPer),
        .. Settings(t => t.BatchSize, (t, usual) => t with { BatchSize = usual }, s_base.BatchSize),
        .. Settings(t => t.Patience, (t, usual) => t with { Patience = usual }, 0),
        .. Settings(t => t.EvaluateEveryBatches, (t, usual) => t with { EvaluateEveryBatches = usual }, 0),
        .. Settings(t => t.EvaluateEveryEpochs, (t, usual) => t with { EvaluateEveryEpochs = usual }, 1),
        .. Settings(t => t.CheckpointEveryEpochs, (t, usual) => t with { CheckpointEveryEpochs = usual }, s_base.CheckpointEveryEpochs),
        .. Settings(t => t.Durability, (t, usual) => t with { Durability = usual }, s_base.Durability),
        .. Settings(t => t.FlushSeconds, (t, usual) => t with { FlushSeconds = usual }, s_base.FlushSeconds),
        .. Settings(t => t.LeaseSeconds, (t, usual) => t with { LeaseSeconds = usual }, s_base.LeaseSeconds),
        .. Settings(t => t.RetrySeconds, (t, usual) => t with { RetrySeconds = usual }, s_base.RetrySeconds),
        .. Settings(t => t.Seed, (t, usual) => t with { Seed = usual }, 1),
        .. Settings(t => t.Consistency, (t, usual) => t with { Consistency = usual }, Consistency.Bsp),
        .. Settings(t => t.Epochs, (t, usual) => t with { Epochs = usual }, 1),
        .. Fewer(NodeRole.Shard, plan => plan.Training.Shards,
            (plan, count) => plan with { Training = plan.Training with { Shards = count } }),
        .. Fewer(NodeRole.Worker, plan => plan.Training.Workers, WithWorkers),
        .. Fewer(NodeRole.Server, plan => plan.World.Topology.IsCluster ? plan.World.Topology.Servers : 1,
            (plan, count) => plan with { World = plan.World with { Topology = plan.World.Topology with { Servers = count } } }),
    ];

    /// <summary>A plan with other faults.</summary>
    public static CampaignPlan WithFaults(CampaignPlan plan, IReadOnlyList<Fault> faults) =>
        (plan with { World = plan.World with { Faults = new FaultPlan(faults) } }).Settled();

    /// <summary>A fault whose times have so many digits after the point.</summary>
    public static Fault Rounded(Fault fault, int digits)
    {
        double At(double seconds) => Math.Round(seconds, digits);
        double? Length(double? seconds) => seconds is { } length
            ? Math.Max(Math.Pow(10, -Math.Max(1, digits)), Math.Round(length, digits)) : null;
        return fault switch
        {
            Fault.Crash crash => crash with { At = At(crash.At), RestartAfter = Length(crash.RestartAfter) },
            Fault.Partition partition => partition with { At = At(partition.At), For = Length(partition.For) },
            Fault.Slow slow => slow with { At = At(slow.At), For = Length(slow.For) },
            _ => fault with { At = At(fault.At) },
        };
    }

    /// <summary>The last node of a role away, with what befalls it.</summary>
    private static IEnumerable<(Func<CampaignPlan, bool>, Func<CampaignPlan, CampaignPlan>)> Fewer(NodeRole role,
        Func<CampaignPlan, int> count, Func<CampaignPlan, int, CampaignPlan> make)
    {
        yield return (plan => count(plan) > 1, plan =>
        {
            var left = count(plan) - 1;
            var gone = new NodeId(role, left);
            return WithFaults(make(plan, left), [.. plan.World.Faults.Faults.Where(fault => !Befalls(fault, gone))]);
        }
        );
    }

    private static bool Befalls(Fault fault, NodeId node) => fault switch
    {
        Fault.Crash crash => crash.Node == node,
        Fault.Slow slow => slow.Node == node,
        Fault.LoseWrite write => write.Node == node,
        Fault.Leave leave => leave.Node == node,
        Fault.Join join => join.Node.Role == node.Role && join.Node.Index >= node.Index,
        Fault.Partition partition => Names(partition.Cut.From, node) || Names(partition.Cut.To, node),
        _ => false,
    };

    private static CampaignPlan WithWorkers(CampaignPlan plan, int count) => plan with
    {
        Training = plan.Training with { Workers = count, BackupWorkers = Math.Min(plan.Training.BackupWorkers, count - 1) },
        World = plan.World with { Compute = plan.World.Compute with { SlowWorkers = Math.Min(plan.World.Compute.SlowWorkers, count) } },
    };

    private static bool Names(NodeSet nodes, NodeId node) => nodes.Patterns.Any(pattern => pattern.Index is not null && pattern.Fits(node));

    private static IEnumerable<(Func<CampaignPlan, bool>, Func<CampaignPlan, CampaignPlan>)> Settings<T>(Func<TrainingOptions, T> read,
        Func<TrainingOptions, T, TrainingOptions> make, T usual) =>
            [(plan => !Equals(read(plan.Training), usual), plan => (plan with { Training = make(plan.Training, usual) }).Settled())];

    private static IEnumerable<(Func<CampaignPlan, bool>, Func<CampaignPlan, CampaignPlan>)> World<T>(Func<WorldOptions, T> read,
        Func<WorldOptions, T, WorldOptions> make, T usual) =>
            [(plan => !Equals(read(plan.World), usual), plan => (plan with { World = make(plan.World, usual) }).Settled())];

    private static IEnumerable<(Func<CampaignPlan, bool>, Func<CampaignPlan, CampaignPlan>)> Network<T>(Func<NetworkOptions, T> read,
        Func<NetworkOptions, T, NetworkOptions> make, T usual) =>
            World(w => read(w.Network), (w, value) => w with { Network = make(w.Network, value) }, usual);

    private static IEnumerable<(Func<CampaignPlan, bool>, Func<CampaignPlan, CampaignPlan>)> Machines<T>(Func<ComputeOptions, T> read,
        Func<ComputeOptions, T, ComputeOptions> make) =>
            World(w => read(w.Compute), (w, value) => w with { Compute = make(w.Compute, value) }, read(s_machines));
}
