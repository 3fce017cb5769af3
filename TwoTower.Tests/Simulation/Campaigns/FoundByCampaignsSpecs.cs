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

    /// <summary>Two that did not reach each other were removed by a third without their hearing of it. By then they reached each other
    /// again, were the majority of whom they knew, and went on as a cluster of their own.</summary>
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

    /// <summary>Half of the nodes died at once, and the servers that had every copy ended themselves with the smaller side: that is not
    /// what copies promise to survive, and nothing is wrong with a run that ends so.</summary>
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
        ("faults.plan",
            "at 3 crash trainer restart 32; at 3 crash worker-0 restart 23; at 4 crash worker-1 restart 10; at 5 crash server-1 restart 0.1"));

    /// <summary>The shard forgot the first round when two of its four batches were complete: it stood at batch 0, and so did
    /// what was complete without a gap.</summary>
    [Fact]
    public void Campaign_seed_8746_ends_with_word_of_what_is_lost() => ReplayedPlan.Passes(
        ("train.shards", "3"),
        ("train.durability", "none"),
        ("train.epochs", "1"),
        ("train.retrySeconds", "0.05"),
        ("world.seed", "8746"),
        ("world.detectionSeconds", "0.3"),
        ("world.endWithin", "21"),
        ("faults.plan",
            "at 0.003 crash shard-2 restart 0.009; at 0.047 crash trainer restart 0.003; at 0.055 partition worker-0 | * for 0.041; at "
            + "0.1 crash shard-0 restart 0.1"),
        ("compute.examplesPerSecond", "5000"));

    [Fact]
    public void A_server_that_leaves_when_all_others_have_died_ends_and_whoever_is_started_again_founds_a_cluster() => ReplayedPlan.Passes(
        ("train.workers", "1"),
        ("train.shards", "1"),
        ("train.epochs", "1"),
        ("train.durability", "replica:1"),
        ("train.leaseSeconds", "4"),
        ("world.topology", "cluster"),
        ("world.servers", "2"),
        ("world.seed", "3472"),
        ("world.endWithin", "222"),
        ("world.compareBits", "true"),
        ("compute.examplesPerSecond", "300"),
        ("faults.plan",
            "at 0.1485 crash evaluator restart 0.3554; at 0.2347 crash worker-0 restart 0.4086; at 0.3304 crash trainer restart 0.4666; "
            + "at 0.7814 crash server-1 restart 0.2254; at 0.9771 leave server-0; at 1.1106 crash worker-0 restart 0.0481; at 6.2394 join server-0"));

    [Fact]
    public void A_server_that_leaves_before_it_has_heard_that_it_is_a_member_does_not_take_itself_for_the_oldest() => ReplayedPlan.Passes(
        ("train.shards", "3"),
        ("train.partitioner", "balanced"),
        ("train.backupWorkers", "1"),
        ("train.pullPrecision", "bfloat16"),
        ("train.batchSize", "16"),
        ("train.batchPer", "clock"),
        ("train.durability", "checkpoint:5"),
        ("train.epochs", "1"),
        ("train.seed", "925"),
        ("train.leaseSeconds", "4"),
        ("train.retrySeconds", "0.2"),
        ("evaluate.everyEpochs", "2"),
        ("world.topology", "cluster"),
        ("world.servers", "4"),
        ("world.seed", "3519"),
        ("world.endWithin", "223"),
        ("network.latency", "constant:5E-06"),
        ("network.jitter", "gamma:0.01:2"),
        ("network.bytesPerSecond", "5000000000"),
        ("network.loss", "0.05"),
        ("network.duplication", "0.05"),
        ("network.calmAfter", "2.6526"),
        ("compute.examplesPerSecond", "300"),
        ("compute.factor", "gamma:1:1"),
        ("compute.evaluatedUsersPerSecond", "200"),
        ("faults.plan",
            "at 0.2628 leave server-2; at 0.3342 join server-4; at 1.2052 crash worker-0 restart 0.4754; at 1.643 crash evaluator restart "
            + "3.3235; at 16.2997 join server-2"));
}
