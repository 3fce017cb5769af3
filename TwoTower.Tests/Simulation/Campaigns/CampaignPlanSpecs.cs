using TwoTower.Actors.Simulation.Campaigns;
using TwoTower.Actors.Simulation.Faults;
using TwoTower.Node.Campaigns;
using TwoTower.Node.Recipes;
using TwoTower.Node.Settings;

namespace TwoTower.Tests.Simulation.Campaigns;

public class CampaignPlanSpecs
{
    private static readonly CampaignPlan[] s_plans = [.. Enumerable.Range(1, 400).Select(seed => CampaignPlan.Draw(seed))];

    [Fact]
    public void The_recipe_is_what_every_plan_is_a_variation_of()
    {
        var recipe = RecipeReader.Read(PlanText.Recipe).Values;
        var known = recipe with { Training = CampaignPlan.BaseTraining, Data = CampaignPlan.Data };

        Assert.All(SettingCatalogue.All, setting => Assert.Equal(setting.Read(recipe), setting.Read(known)));
    }

    [Fact]
    public void A_seed_draws_the_same_plan_every_time_and_others_draw_others()
    {
        Assert.All(s_plans, plan => Assert.Equal(PlanText.Command(plan), PlanText.Command(CampaignPlan.Draw(plan.Seed))));
        Assert.Equal(s_plans.Length, s_plans.Select(plan => PlanText.Command(plan)).Distinct().Count());
    }

    [Fact]
    public void Every_plan_is_possible_and_has_to_end() => Assert.All(s_plans, plan =>
    {
        Assert.True(plan.IsPossible, PlanText.Command(plan));
        Assert.InRange(plan.World.EndWithinSeconds!.Value, 1, 800);
    });

    [Fact]
    public void The_settings_of_a_plan_make_the_plan_again() => Assert.All(s_plans, plan =>
    {
        var again = PlanText.Plan(PlanText.Settings(plan));

        Assert.Equal(PlanText.Settings(plan), PlanText.Settings(again));
        Assert.Equal(plan.World.Faults.ToString(), again.World.Faults.ToString());
        Assert.Equal(plan.Training.Loss, again.Training.Loss);
        Assert.Equal(plan.World.Network, again.World.Network);
        Assert.Equal(plan.World.Compute, again.World.Compute);
    });

    [Fact]
    public void Plans_have_every_kind_of_fault_and_setting_and_lack_most()
    {
        var features = s_plans.SelectMany(PlanFeatures.Of).CountBy(feature => feature).ToDictionary();

        Assert.All(features, feature => Assert.InRange(feature.Value, 5, s_plans.Length * 19 / 20));
        Assert.Superset(
            new HashSet<string> { "bsp", "ssp", "asp", "softsync", "crashed trainer", "crashed shard", "crashed worker",
                "crashed evaluator", "partition", "slow machine", "lost write", "lost messages", "doubled messages", "reordered messages",
                "backup workers", "hot rows", "prefetch", "early stopping", "ranked negatives", "bits compared", "cluster",
                "server that leaves", "server that joins" },
            features.Keys.ToHashSet());
    }

    [Fact]
    public void A_write_is_lost_only_of_a_node_that_does_not_crash() => Assert.All(s_plans, plan => Assert.All(
        plan.World.Faults.Faults.OfType<Fault.LoseWrite>(),
        lost => Assert.DoesNotContain(plan.World.Faults.Faults.OfType<Fault.Crash>(), crash => crash.Node.Role == lost.Node.Role)));
}
