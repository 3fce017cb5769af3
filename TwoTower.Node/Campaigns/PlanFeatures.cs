using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation.Campaigns;
using TwoTower.Actors.Simulation.Faults;

namespace TwoTower.Node.Campaigns;

/// <summary>What a plan has, in words, so that a campaign can say how often it had what.</summary>
internal static class PlanFeatures
{
    /// <summary>The features of a plan.</summary>
    public static IEnumerable<string> Of(CampaignPlan plan)
    {
        var (training, network) = (plan.Training, plan.World.Network);
        yield return training.Consistency.Kind.ToString().ToLowerInvariant();
        yield return plan.World.Topology.IsCluster ? "cluster" : "actors";
        foreach (var fault in plan.World.Faults.Faults.Select(InWords).Distinct())
        {
            yield return fault;
        }

        foreach (var (has, feature) in new[]
        {
            (training.BackupWorkers > 0, "backup workers"),
            (training.HotRows > 0, "hot rows"),
            (training.Prefetch > 0, "prefetch"),
            (training.StalenessPolicy.Kind != StalenessPolicyKind.None, "staleness policies"),
            (training.StalenessInjection.IsOn, "injected staleness"),
            (training.Durability.Every is not null, "checkpointed shards"),
            (training.Durability.Replicas > 0, "copies"),
            (training.Patience > 0, "early stopping"),
            (training.Loss.RanksSnapshots, "ranked negatives"),
            (plan.World.Topology.PieceBytes < EndpointProtocol.ChunkBytes, "short pieces"),
            (network.Loss > 0, "lost messages"),
            (network.Duplication > 0, "doubled messages"),
            (network.Reordering > 0, "reordered messages"),
            (plan.World.ComparesBits, "bits compared"),
        })
        {
            if (has)
            {
                yield return feature;
            }
        }
    }

    private static string InWords(Fault fault) => fault switch
    {
        Fault.Crash crash => $"crashed {crash.Node.Role.ToString().ToLowerInvariant()}",
        Fault.Partition => "partition",
        Fault.Slow => "slow machine",
        Fault.LoseWrite => "lost write",
        Fault.Leave => "server that leaves",
        Fault.Join => "server that joins",
        _ => "other fault",
    };
}
