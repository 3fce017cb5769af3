using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation.Running;

namespace TwoTower.Actors.Simulation.Campaigns;

/// <summary>What became of a plan.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Failure">The invariant that was violated, or another word for what went wrong; null when all went well.</param>
/// <param name="Message">What was seen.</param>
/// <param name="Reached">States that the protocols came to.</param>
/// <param name="Outcome">What the run ended with; null when it failed, or refused to go on as it had to.</param>
internal sealed record PlanResult(CampaignPlan Plan, string? Failure, string? Message, IReadOnlySet<ProtocolState> Reached,
    SimulationOutcome? Outcome)
{
    /// <summary>Why the run did not go on to its end, where it had to say that it cannot; null when it did, and when it failed.</summary>
    public string? Refusal { get; init; }
}
