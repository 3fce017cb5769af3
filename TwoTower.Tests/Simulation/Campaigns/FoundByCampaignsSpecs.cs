namespace TwoTower.Tests.Simulation.Campaigns;

/// <summary>The smallest plans of what campaigns have found, each as it was printed.</summary>
public class FoundByCampaignsSpecs
{
    [Fact]
    public void A_shard_that_forgets_what_was_pulled_corrects_for_no_staleness_that_was_none_but_rounding() => ReplayedPlan.Passes(
        ("train.workers", "1"),
        ("train.shards", "1"),
        ("train.epochs", "1"),
        ("train.pullPrecision", "int8"),
        ("train.stalenessPolicy", "delay-compensation"),
        ("world.seed", "894"),
        ("world.detectionSeconds", "0.3"),
        ("world.endWithin", "60"),
        ("world.compareBits", "true"),
        ("compute.examplesPerSecond", "2000"),
        ("faults.plan", "at 0.1 crash shard-0 restart 0.1"));

    [Fact]
    public void A_shard_that_keeps_nothing_ends_the_run_when_it_crashes_and_is_not_taken_for_a_cut() => ReplayedPlan.Passes(
        ("train.workers", "1"),
        ("train.durability", "none"),
        ("train.batchSize", "16"),
        ("train.epochs", "3"),
        ("train.retrySeconds", "0.05"),
        ("evaluate.everyBatches", "4"),
        ("world.seed", "923"),
        ("world.detectionSeconds", "0.3"),
        ("world.endWithin", "60"),
        ("network.loss", "0.01"),
        ("network.calmAfter", "1.7913"),
        ("network.latency", "constant:5E-06"),
        ("compute.examplesPerSecond", "1000"),
        ("compute.factor", "pareto:0.7:3"),
        ("faults.plan", "at 0.55 crash evaluator restart 0.01; at 0.601 crash shard-1 restart 0.006"));
}
