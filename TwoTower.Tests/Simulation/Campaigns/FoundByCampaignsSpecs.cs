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

    /// <summary>Two that did not reach each other were removed by a third without their hearing of it. By then they reached each other again, were the majority of whom they knew, and went on as a cluster of their own.</summary>
    [Fact]
    public void Campaign_seed_442_keeps_that_training_ends_when_faults_end() => ReplayedPlan.Passes(
        ("network.loss", "0.05"),
        ("network.calmAfter", "6.1296"),
        ("train.workers", "1"),
        ("train.shards", "1"),
        ("train.epochs", "3"),
        ("world.topology", "cluster"),
        ("world.servers", "2"),
        ("world.seed", "442"),
        ("world.detectionSeconds", "0.3"),
        ("world.endWithin", "155"),
        ("world.compareBits", "true"),
        ("compute.examplesPerSecond", "2000"),
        ("faults.plan", "at 1 partition trainer | server-1 for 16; at 3 crash server-0 restart 1; at 5 crash worker-0 restart 2"));

    /// <summary>Half of the nodes died at once, and the servers that had every copy ended themselves with the smaller side: that is not what copies promise to survive, and nothing is wrong with a run that ends so.</summary>
    [Fact]
    public void Campaign_seed_1313_may_lose_pushes_for_those_who_live_are_no_majority() => ReplayedPlan.Passes(
        ("train.shards", "1"),
        ("train.durability", "replica:1"),
        ("train.whenCopiesLack", "wait"),
        ("world.topology", "cluster"),
        ("world.servers", "2"),
        ("world.seed", "1313"),
        ("world.detectionSeconds", "0.3"),
        ("world.endWithin", "181"),
        ("compute.examplesPerSecond", "100"),
        ("faults.plan", "at 3 crash trainer restart 32; at 3 crash worker-0 restart 23; at 4 crash worker-1 restart 10; at 5 crash server-1 restart 0.1"));

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
