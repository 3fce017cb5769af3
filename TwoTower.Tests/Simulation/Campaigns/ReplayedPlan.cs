using TwoTower.Actors.Simulation.Campaigns;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Node.Campaigns;

namespace TwoTower.Tests.Simulation.Campaigns;

/// <summary>Carries a plan out again that a campaign has printed as a specification.</summary>
internal static class ReplayedPlan
{
    private static readonly Lazy<RecommenderData> s_data = new(() => DataLoader.Load(CampaignPlan.Data));

    public static RecommenderData Data => s_data.Value;

    public static PlanResult Of(params (string Key, string Value)[] settings) => PlanRun.Of(PlanText.Plan(settings), Data);

    public static void Passes(params (string Key, string Value)[] settings) => Assert.Null(Of(settings).Message);
}
