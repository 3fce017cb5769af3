using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Checking;
using TwoTower.Actors.Simulation.Faults;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Tests.Training;

namespace TwoTower.Tests.Simulation.Checking;

/// <summary>When faults end, runs end; and under bsp they end with the bits of a run without faults.</summary>
public class LivenessSpecs
{
    private static readonly RecommenderData s_data = SmallData.Make();

    private static TrainingOptions Options => InvariantSpecs.Options(LossKind.Bpr, OptimizerKind.Adagrad) with
    { Workers = 2, Consistency = Consistency.Bsp, RetrySeconds = 0.1 };

    [Fact]
    public void A_run_that_does_not_end_when_its_faults_have_says_who_waits_for_whom()
    {
        var found = Assert.Throws<ViolationException>(() => Run("at 0.003 crash worker-1", endWithin: 0.02));

        Assert.Equal(LivenessBound.Invariant, found.Invariant);
        Assert.Contains("Down: worker-1.", found.Message, StringComparison.Ordinal);
        Assert.Contains("worker-0 waits for", found.Message, StringComparison.Ordinal);
        Assert.EndsWith("s); expected its end within 0.02 virtual seconds of that.", found.Message, StringComparison.Ordinal);
        Assert.InRange(found.VirtualSeconds, 0.023, 0.1);
    }

    [Theory]
    [InlineData("at 0.003 crash trainer", "No trainer is left: trainer is gone for good, and nothing can go on.")]
    [InlineData("at 0.003 crash worker-0\nat 0.004 crash worker-1",
        "No worker is left: worker-0 and worker-1 are gone for good, and nothing can go on.")]
    [InlineData("at 0.003 crash shard-1",
        "Nobody has the parameters of a shard any more: shard-1 is gone for good, and nothing can go on.")]
    public void A_run_in_which_nobody_is_left_to_go_on_says_so_and_violates_nothing(string faults, string expected)
    {
        Assert.Equal(expected, Assert.Throws<NobodyLeftException>(() => Run(faults)).Message);
        Assert.Equal(expected, Assert.Throws<NobodyLeftException>(() => SimulatedTraining.Run(
            new TrainingPlan(Options with { Durability = Durability.Checkpoint(2) }, s_data),
            new WorldOptions { DetectionSeconds = 0.2, StallSeconds = 30, Faults = FaultPlan.Parse(faults) })).Message);
    }

    [Fact]
    public void A_worker_that_is_gone_for_good_before_training_begins_leaves_a_run_that_owes_no_end() =>
        Assert.Contains("waits for worker-1", Assert.Throws<NeverBegunException>(() => Run("at 0 crash worker-1")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_run_that_waits_for_no_longer_than_it_is_told_ends_and_says_which_worker_has_come() => Assert.Contains(
        "has not begun within 2 s: of 2 workers 1 did not come (worker-0 has joined).",
        Assert.Throws<TrainingException>(() => SimulatedTraining.Run(
            new TrainingPlan(Options with { StartWithinSeconds = 2 }, s_data),
            new WorldOptions { EndWithinSeconds = 5, Faults = FaultPlan.Parse("at 0 crash worker-1") })).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_run_that_goes_on_after_its_faults_ends_in_time() =>
        Assert.Equal(StopReason.Finished, Run("at 0.003 crash worker-1 restart 0.5").Training.Reason);

    [Fact]
    public void Where_the_network_never_goes_calm_no_end_can_be_asked_for() => Assert.Contains(
        "network.calmAfter",
        Assert.Throws<WorldException>(() => SimulatedTraining.Run(new TrainingPlan(Options, s_data),
        new WorldOptions { EndWithinSeconds = 5, Network = new() { Loss = 0.1 } })).Message, StringComparison.Ordinal);

    [Fact]
    public void Another_result_than_that_without_faults_is_a_violation()
    {
        var world = new WorldOptions { ComparesBits = true, Faults = FaultPlan.Parse("at 0.003 crash worker-1 restart 0.5") };
        var plan = new TrainingPlan(Options, s_data);
        var outcome = SimulatedTraining.Run(plan, world);

        var found = Assert.Throws<ViolationException>(() => FaultlessRun.Compare(plan with { Options = Options with { Seed = 99 } },
            1, outcome));

        Assert.Equal(FaultlessRun.Invariant, found.Invariant);
    }

    [Theory]
    [InlineData("asp", 0)]
    [InlineData("bsp", 1)]
    public void What_promises_no_bits_is_not_held_against_any(string consistency, int backups)
    {
        Assert.True(Consistency.TryParse(consistency, out var kind));
        var options = Options with { Consistency = kind, BackupWorkers = backups };

        Assert.False(FaultlessRun.IsPromised(options, losesEvaluations: false));
        Assert.Contains("world.compareBits",
            Assert.Throws<WorldException>(() => SimulatedTraining.Run(new TrainingPlan(options, s_data),
            new WorldOptions { ComparesBits = true })).Message, StringComparison.Ordinal);
    }

    private static SimulationOutcome Run(string faults, double endWithin = 5) => SimulatedTraining.Run(
        new TrainingPlan(Options with { Durability = Durability.Checkpoint(2) }, s_data),
        new WorldOptions { DetectionSeconds = 0.2, EndWithinSeconds = endWithin, Faults = FaultPlan.Parse(faults) });
}
