using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Campaigns;
using TwoTower.Actors.Simulation.Faults;

namespace TwoTower.Tests.Simulation.Campaigns;

public class ShrinkerSpecs
{
    private static readonly HashSet<ProtocolState> s_states = [];

    [Fact]
    public void A_plan_is_left_with_what_its_failure_needs()
    {
        var plan = CampaignPlan.Draw(3, CampaignWorlds.Actors) is var drawn ? drawn with
        {
            Training = CampaignPlan.BaseTraining with
            {
                Workers = 4,
                Shards = 3,
                Epochs = 3,
                Consistency = Consistency.Asp,
                Prefetch = 2,
                Patience = 1,
                RetrySeconds = 0.2
            },
            World = drawn.World with
            {
                Network = drawn.World.Network with { Loss = 0.1, CalmAfterSeconds = 3 },
                Faults = FaultPlan.Parse("""
                    at 0.1234 crash worker-3 restart 0.5
                    at 0.2345 crash trainer restart 0.3333
                    at 0.3456 partition worker-1 | shard-2 for 0.2
                    at 0.4567 slow shard-1 by 4 for 1
                    at 0.5678 crash shard-0 restart 0.1111
                    at 0.6789 crash evaluator restart 0.2
                    """),
            },
        } : null!;
        var tried = 0;

        var shrunk = new Shrinker(candidate =>
        {
            tried++;
            return Result(candidate, candidate.Training.Workers >= 2 && candidate.Training.RetrySeconds > 0.1
                && Crashes(candidate, NodeId.Trainer) && Crashes(candidate, NodeId.Shard(0)));
        }).Shrink(Result(plan, fails: true));

        var (training, world) = (shrunk.Result.Plan.Training, shrunk.Result.Plan.World);
        Assert.Equal(tried, shrunk.Tries);
        Assert.Equal((2, 1, 1, Consistency.Bsp, 0, 0, 0.2), (training.Workers, training.Shards, training.Epochs, training.Consistency,
            training.Prefetch, training.Patience, training.RetrySeconds));
        Assert.Equal(0, world.Network.Loss);
        Assert.Equal("at 0 crash trainer restart 0.1\nat 1 crash shard-0 restart 0.1", world.Faults.ToString());
    }

    [Fact]
    public void A_smaller_plan_that_fails_in_another_way_is_not_taken()
    {
        var plan = CampaignPlan.Draw(5);

        var shrunk = new Shrinker(candidate => new PlanResult(candidate, "another invariant", "something else", s_states, null))
            .Shrink(Result(plan, fails: true));

        Assert.Same(plan, shrunk.Result.Plan);
    }

    /// <summary>What fails here fails whatever is left out, so that nothing else keeps the plan as it is.</summary>
    [Theory]
    [InlineData("at 1 leave server-0\nat 2 join server-0", 1, "go-on", "at 1 leave server-0\nat 2 join server-0")]
    [InlineData("at 1 leave server-0\nat 2 join server-1", 1, "go-on", "at 1 leave server-0\nat 2 join server-1")]
    [InlineData("at 1 leave server-0\nat 2 join server-0", 2, "go-on", "at 1 leave server-0")]
    [InlineData("at 1 leave server-0\nat 2 join server-0", 2, "wait", "at 1 leave server-0\nat 2 join server-0")]
    public void A_smaller_plan_keeps_somebody_to_take_over(string faults, int servers, string lack, string expected)
    {
        var plan = CampaignPlan.Draw(3, CampaignWorlds.Clusters) is var drawn ? drawn with
        {
            Training = CampaignPlan.BaseTraining with
            {
                Durability = servers > 1 ? Durability.Replica(1) : Durability.Checkpoint(2),
                WhenCopiesLack = lack == "wait" ? WhenCopiesLack.Wait : WhenCopiesLack.GoOn
            },
            World = drawn.World with { Topology = Topology.Cluster(servers), Faults = FaultPlan.Parse(faults) },
        } : null!;

        var shrunk = new Shrinker(candidate => Result(
            candidate, candidate.World.Topology.Servers == servers && candidate.Training.Durability == plan.Training.Durability
                && candidate.World.Faults.Faults.OfType<Fault.Leave>().Any(leave => leave.At == 1)
                && candidate.World.Faults.Faults.OfType<Fault.Join>().All(join => join.At == 2))).Shrink(Result(plan, fails: true));

        Assert.Equal(expected, shrunk.Result.Plan.World.Faults.ToString());
    }

    [Fact]
    public void Rounded_times_bring_nobody_back_before_he_leaves()
    {
        var plan = CampaignPlan.Draw(3, CampaignWorlds.Clusters) is var drawn ? drawn with
        {
            World = drawn.World with
            { Topology = Topology.Cluster(1), Faults = FaultPlan.Parse("at 1.6 leave server-0\nat 1.7 join server-0") },
        } : null!;

        Assert.True(plan.IsRecoverable);
        Assert.False((plan with { World = plan.World with { Faults = FaultPlan.Parse("at 2 leave server-0\nat 1.7 join server-0") } })
            .IsRecoverable);
    }

    [Fact]
    public void Every_plan_that_is_drawn_can_be_recovered_from() =>
        Assert.All(Enumerable.Range(1, 2000), seed => Assert.True(CampaignPlan.Draw(seed).IsRecoverable, $"seed {seed}"));

    /// <summary>Once its join was dropped, and what was left failed on any code.</summary>
    [Fact]
    public void What_a_planted_fault_is_shrunk_to_does_not_fail_for_want_of_servers()
    {
        PlanResult Run(CampaignPlan plan) => PlanRun.Of(plan, ReplayedPlan.Data, PlantedFault.FenceNotAwaited);
        var failing = Run(CampaignPlan.Draw(14));
        Assert.NotNull(failing.Failure);

        var shrunk = new Shrinker(Run).Shrink(failing);

        Assert.Equal(failing.Failure, shrunk.Result.Failure);
        Assert.Null(PlanRun.Of(shrunk.Result.Plan, ReplayedPlan.Data).Failure);
    }

    [Fact]
    public void No_more_plans_are_carried_out_than_are_allowed()
    {
        var tried = 0;

        new Shrinker(candidate =>
        {
            tried++;
            return Result(candidate, fails: false);
        }, tries: 7).Shrink(Result(CampaignPlan.Draw(5), fails: true));

        Assert.Equal(7, tried);
    }

    private static bool Crashes(CampaignPlan plan, NodeId node) => plan.World.Faults.Faults.OfType<Fault.Crash>()
        .Any(crash => crash.Node == node);

    private static PlanResult Result(CampaignPlan plan, bool fails) =>
        new(plan, fails ? "an invariant" : null, fails ? "seen" : null, s_states, null);
}
