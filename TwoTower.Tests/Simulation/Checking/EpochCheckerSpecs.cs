using TwoTower.Actors.Ids;

namespace TwoTower.Tests.Simulation.Checking;

/// <summary>The checkers of epochs and snapshots find examples that are missing or doubled, and snapshots that are no cut.</summary>
public class EpochCheckerSpecs : CheckerRig
{
    [Fact]
    public void A_position_that_two_batches_complete_is_found()
    {
        Batch(0, 0);
        Lease(1, 1, first: 9, count: 10); // 9 was batch 0's
        PushEverywhere(1, 1);

        Assert.Contains("position 9 of epoch 0 is completed a second time, by batch 1", Found(() => Complete(1, 1)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_epoch_that_ends_with_examples_missing_is_found_at_its_evaluation()
    {
        Batch(0, 0);
        Batch(2, 0);

        Lease(3, 1); // the next epoch may have begun
        Assert.Contains("epoch 0 is evaluated with 20 of 30", Found(() => Evaluate(3, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_trainer_wrote_down_and_told_nobody_counts_unless_it_is_leased_again()
    {
        Batch(0, 0);
        Batch(1, 1);
        Reported(2, 0);
        Checkers.Fault(Now, NodeId.Trainer, "crash");
        Evaluate(3, 1);

        Batch(3, 0);
        Batch(4, 1);
        Reported(5, 0);
        Checkers.Fault(Now, NodeId.Trainer, "crash");
        Lease(5, 1);
        Assert.Contains("epoch 1 is evaluated with 20 of 30", Found(() => Evaluate(6, 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_that_changes_its_examples_from_lease_to_lease_is_found()
    {
        Lease(0, 0);

        Assert.Contains("positions 0 to 4", Found(() => Lease(0, 1, first: 0, count: 5)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_recorded_with_more_examples_than_leased_or_without_a_lease_is_found()
    {
        Lease(0, 0);
        PushEverywhere(0, 0);
        Assert.Contains("11 examples", Found(() => Complete(0, 0, examples: 11)).Message, StringComparison.Ordinal);

        PushEverywhere(1, 0);
        Assert.Contains("only batches that have been leased", Found(() => Complete(1, 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_snapshot_with_a_shard_that_has_one_batch_less_more_or_another_is_found_when_it_is_said_to_be_taken()
    {
        for (var batch = 0; batch < 3; batch++)
        {
            Batch(batch, 0);
        }

        Part(0, step: 3, applied: 3);
        Part(1, step: 3, applied: 3);
        Push(3, 0, shard: 1, clock: 1);
        Ack(3, 0, shard: 1);
        Part(1, step: 3, applied: 3); // it says so, but it has batch 3 too

        Assert.Contains("shard-1 was read for step 3 when it had acknowledged batches below 4", Found(() => Taken(3)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_snapshot_without_one_of_the_shards_is_found()
    {
        Part(0, step: 0, applied: 0);

        Assert.Contains("without a part of shard-1", Found(() => Taken(0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_for_a_checkpoint_that_is_no_cut_is_found_and_one_for_a_late_request_is_not()
    {
        Batch(0, 0);
        Image(0, step: 1, applied: 1);
        Lease(1, 0); // training has gone on
        PushEverywhere(1, 0);
        ImageSent(0, step: 1, applied: 2, delivered: true); // the answer to a late request: nobody uses it

        Assert.Contains("no other", Found(() => Image(0, step: 1, applied: 1)).Message, StringComparison.Ordinal);
    }
}
