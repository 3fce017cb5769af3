using TwoTower.Actors.Ids;
using TwoTower.Actors.Simulation.Faults;

namespace TwoTower.Actors.Simulation.Campaigns;

/// <summary>Whether an evaluator may lose what it knows in a plan. Rather once too often than too seldom: what is promised is held against
/// runs in which it certainly does not.</summary>
internal static class Deaths
{
    /// <summary>A node of a cluster that is not heard from for so long may be given up, and ends itself
    /// when it is on the smaller side.</summary>
    private const double SecondsToBeGivenUp = 2;

    /// <summary>Whether an evaluator may lose an evaluation.</summary>
    public static bool OfEvaluator(CampaignPlan plan) => GivesUp(plan) || plan.World.Faults.Faults.OfType<Fault.Crash>()
        .Any(crash => crash.Node.Role == NodeRole.Evaluator);

    private static bool GivesUp(CampaignPlan plan) => plan.World.Topology.IsCluster
        && (plan.World.Faults.Faults.Any(fault => fault is Fault.Partition { For: null or > SecondsToBeGivenUp }
            or Fault.Slow { For: null or > SecondsToBeGivenUp }) || MostAreGone(plan));

    /// <summary>Whether so many die, for longer than it takes to give them up, that those who live are no majority and end themselves, the
    /// evaluator among them. Who leaves, or never was there, counts for neither side.</summary>
    private static bool MostAreGone(CampaignPlan plan)
    {
        var gone = plan.World.Faults.Faults.OfType<Fault.Crash>().Where(crash => crash.RestartAfter is null or > SecondsToBeGivenUp)
            .Select(crash => crash.Node).Distinct().Count();
        var left = plan.World.Faults.Faults.OfType<Fault.Leave>().Select(leave => leave.Node).Distinct().Count();
        return 2 * gone >= FaultPlan.NodesOf(plan.World.Topology, plan.Training.Workers, plan.Training.Shards).Count - left;
    }
}
