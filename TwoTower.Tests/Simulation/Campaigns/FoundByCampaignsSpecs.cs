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

    [Fact]
    public void A_worker_hears_that_its_life_is_over_only_when_the_shard_will_still_know_it_after_a_crash() => ReplayedPlan.Passes(
        ("optimizer.kind", "rowwise-adagrad"),
        ("train.workers", "3"),
        ("train.shards", "1"),
        ("train.consistency", "softsync:2"),
        ("train.epochs", "1"),
        ("train.retrySeconds", "0.05"),
        ("world.seed", "5362"),
        ("world.detectionSeconds", "0.3"),
        ("world.endWithin", "26"),
        ("faults.plan", "at 0.28 crash trainer restart 0.01; at 0.3 crash trainer restart 6.7; at 0.35 crash shard-0 restart 0.01"),
        ("network.jitter", "gamma:0.01:2"),
        ("compute.examplesPerSecond", "2000"),
        ("compute.diskBytesPerSecond", "30000"));

    [Fact]
    public void A_life_that_is_over_is_shown_no_rows_that_the_bound_would_have_to_hold_for() => ReplayedPlan.Passes(
        ("train.workers", "1"),
        ("train.shards", "1"),
        ("train.consistency", "ssp:1"),
        ("train.batchSize", "40"),
        ("train.epochs", "1"),
        ("world.seed", "6592"),
        ("world.detectionSeconds", "0.3"),
        ("world.endWithin", "29"),
        ("faults.plan", "at 0.61 crash shard-0 restart 0.14; at 0.7 crash trainer restart 0.08"),
        ("network.latency", "lognormal:0.04:0.1"),
        ("compute.examplesPerSecond", "1000"),
        ("compute.slowWorkers", "1"),
        ("compute.slowBy", "2"));
}
