using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Simulation.Faults;

namespace TwoTower.Actors.Simulation.Campaigns;

/// <summary>How long a plan's training may still take when its last fault is over.</summary>
internal static class EndBound
{
    /// <summary>Examples per epoch, roughly: what the campaign's data has.</summary>
    private const double Examples = 400;

    /// <summary>Rows there and back, for a batch of every size that is drawn, with what else goes the same way.</summary>
    private const double BytesPerBatch = 20_000;

    /// <summary>What a shard writes down at a time.</summary>
    private const double BytesPerRecord = 5_000;

    /// <summary>What a cluster may take to give nodes up, to start them again and to find its shards, a few times over: its own
    /// settings decide, not the plan's.</summary>
    private const double SecondsOfCluster = 120;

    /// <summary>Users that are scored and ranked for at a time.</summary>
    private const double Users = 60;

    /// <summary>How many times longer than usual a batch takes at most, nearly always.</summary>
    private const double MostTimes = 10;

    /// <summary>Virtual seconds, rounded up to whole ones. All the work by the slowest worker alone, and what the protocols wait for again
    /// and again: leases that run out, crashes that are detected, messages that are sent again, writes that are due. And what was begun on
    /// a slow machine ends at its pace, when the machine has long been as fast as before.</summary>
    public static double Of(CampaignPlan plan)
    {
        var (training, world) = (plan.Training, plan.World);
        var slowest = Math.Max(1, world.Compute.SlowWorkers > 0 ? world.Compute.SlowBy : 1)
            * world.Faults.Faults.OfType<Fault.Slow>().Where(slow => slow.For is null).Select(slow => slow.Factor).DefaultIfEmpty(1).Max();
        var work = training.Epochs * Examples / world.Compute.ExamplesPerSecond * slowest;
        var batches = training.Epochs * Examples / Math.Max(1, training.BatchPer == BatchScope.Clock ? training.BatchSize / training.Workers
            : training.BatchSize);
        var boundaries = training.EvaluateEveryBatches > 0 ? batches / training.EvaluateEveryBatches : training.Epochs;
        var begun = (Slowest(world.Faults, NodeRole.Evaluator) * Users / world.Compute.EvaluatedUsersPerSecond)
            + (Slowest(world.Faults, NodeRole.Worker) * MostTimes * training.BatchSize / world.Compute.ExamplesPerSecond)
            + (Slowest(world.Faults, NodeRole.Trainer, NodeRole.Shard, NodeRole.Server) * BytesPerBatch / world.Compute.DiskBytesPerSecond);
        var waits = training.FlushSeconds + training.RetrySeconds + (4 * (world.Network.Latency.Mean + world.Network.Jitter.Mean))
            + (BytesPerRecord / world.Compute.DiskBytesPerSecond)
            + (world.Network.BytesPerSecond > 0 ? BytesPerBatch / world.Network.BytesPerSecond : 0);
        var cluster = world.Topology.IsCluster ? SecondsOfCluster : 0;
        return Math.Ceiling(cluster + (4 * work) + (2 * begun) + (1.5 * batches * waits) + (10 * (boundaries + 1) * training.RetrySeconds)
            + (6 * training.LeaseSeconds) + (4 * world.DetectionSeconds) + (40 * training.RetrySeconds) + 2);
    }

    /// <summary>How many times slower than usual the slowest machine of some roles is when all that slows it comes
    /// together; 0 when none is slowed.</summary>
    private static double Slowest(FaultPlan faults, params ReadOnlySpan<NodeRole> roles)
    {
        var known = roles.ToArray();
        return faults.Faults.OfType<Fault.Slow>().Where(slow => known.Contains(slow.Node.Role)).GroupBy(slow => slow.Node)
            .Select(machine => machine.Aggregate(1.0, (product, slow) => product * slow.Factor)).DefaultIfEmpty(0).Max();
    }
}
