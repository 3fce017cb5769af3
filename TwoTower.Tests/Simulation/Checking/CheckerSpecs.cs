using TwoTower.Actors.Hosting;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Checking;
using TwoTower.Actors.Training;
using TwoTower.Model.Losses;

namespace TwoTower.Tests.Simulation.Checking;

/// <summary>Every checker finds the violation that it is there for, planted in messages made up for it, and says nothing of the same messages without it.</summary>
public class CheckerSpecs
{
    private static readonly NodeId W0 = NodeId.Worker(0);
    private static readonly NodeId W1 = NodeId.Worker(1);
    private readonly CheckerSet _checkers = new(Consistency.Ssp(2), shards: 2, examples: 30, seed: 42);
    private readonly long[] _versions = new long[2];
    private CheckerSet? _other;
    private long _number;
    private double _now;

    private CheckerSet Checkers => _other ?? _checkers;

    [Fact]
    public void Healthy_messages_pass()
    {
        for (var batch = 0; batch < 6; batch++)
        {
            Batch(batch, batch % 2, clock: batch / 2);
        }

        Evaluate(step: 3, epoch: 1); // late repetitions of requests change nothing
        Part(0, step: 3, applied: 6, deliver: false);
        Evaluate(step: 6, epoch: 2);
        Part(1, step: 6, applied: 6);
        Part(1, step: 3, applied: 6); // late: not a cut, and of no use to anybody
        Part(0, step: 6, applied: 6);
        Taken(6);
        Take(6);
        Image(0, 6, 6);
    }

    [Fact]
    public void A_pull_that_missed_a_push_older_than_the_bound_is_found_when_the_push_is_applied()
    {
        Pull(W0, clock: 3, ticket: 1);
        Push(0, 1, shard: 0, clock: 1);
        Ack(0, 1, shard: 0); // two clocks: allowed
        Push(1, 1, shard: 0, clock: 0);

        var found = Found(() => Ack(1, 1, shard: 0));

        Assert.Contains("ssp:2", found.Invariant, StringComparison.Ordinal);
        Assert.Contains("applied batch 1 of worker-1 at clock 0 after it had served a pull of worker-0 at clock 3", found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pull_that_no_shard_has_answered_has_missed_nothing_yet()
    {
        Sent(W0, NodeId.Shard(0), new ParameterProtocol.Pull(new ShardId(0), new WorkerId(0), 1, 9, default, default));
        Delivered(W0, NodeId.Shard(0), new ParameterProtocol.Pull(new ShardId(0), new WorkerId(0), 1, 9, default, default));
        Push(0, 1, shard: 0, clock: 0);
        Ack(0, 1, shard: 0);
    }

    [Fact]
    public void Of_two_lives_that_push_a_batch_the_one_that_is_fenced_off_does_not_count()
    {
        Pull(W0, clock: 5, ticket: 1);
        Push(0, 1, shard: 0, clock: 0, birth: 1);
        Sent(NodeId.Shard(0), W1, new ParameterProtocol.Fenced(new ShardId(0), new WorkerId(1), 1, 5));
        Push(0, 1, shard: 0, clock: 4, birth: 2);

        Ack(0, 1, shard: 0);
    }

    [Fact]
    public void A_push_of_a_life_that_its_shard_has_called_fenced_off_is_found_when_it_is_applied_and_one_from_before_is_not()
    {
        Push(0, 1, shard: 0, birth: 1);
        Sent(NodeId.Shard(0), W1, new ParameterProtocol.Fenced(new ShardId(0), new WorkerId(1), 1, 0));
        Ack(0, 1, shard: 0); // it had come in before
        Push(1, 1, shard: 0, birth: 2); // the next life
        Ack(1, 1, shard: 0);
        Push(2, 1, shard: 1, birth: 1); // the other shard has not said so
        Ack(2, 1, shard: 1);
        Push(3, 1, shard: 0, birth: 1);

        Assert.Contains("applied batch 3 of life 1 of worker-1, which it had called fenced off", Found(() => Ack(3, 1, shard: 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_that_two_lives_push_may_be_applied_when_one_of_them_is_not_fenced_off()
    {
        Sent(NodeId.Shard(0), W1, new ParameterProtocol.Fenced(new ShardId(0), new WorkerId(1), 1, 0));
        Push(0, 1, shard: 0, birth: 1);
        Push(0, 0, shard: 0, birth: 5);

        Ack(0, 0, shard: 0);
    }

    [Fact]
    public void A_batch_that_a_shard_applies_a_second_time_is_found_by_the_version()
    {
        Push(0, 0, shard: 1);
        Ack(0, 0, shard: 1);
        Ack(0, 0, shard: 1, version: 1); // known: the version stays

        var found = Found(() => Ack(0, 0, shard: 1, version: 2));

        Assert.Contains("shard-1 acknowledges batch 0 again at version 2, after version 1; expected version 1", found.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)] // not applied
    [InlineData(3)] // applied twice at once
    public void A_new_batch_that_does_not_raise_the_version_by_one_is_found(long version)
    {
        Push(0, 0, shard: 1);
        Ack(0, 0, shard: 1);
        Push(1, 0, shard: 1);

        Assert.Contains("for the first time", Found(() => Ack(1, 0, shard: 1, version)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_acknowledgement_of_what_nobody_pushed_is_found() =>
        Assert.Contains("nobody has pushed", Found(() => Ack(7, 0, shard: 0)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_batch_reported_before_every_shard_has_acknowledged_it_is_found()
    {
        Lease(0, 0);
        Push(0, 0, shard: 0);
        Ack(0, 0, shard: 0);

        Assert.Contains("shard-1 has not acknowledged", Found(() => Complete(0, 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_position_that_two_batches_complete_is_found()
    {
        Batch(0, 0);
        Lease(1, 1, first: 9, count: 10); // 9 was batch 0's
        PushEverywhere(1, 1);

        Assert.Contains("position 9 of epoch 0 is completed a second time, by batch 1", Found(() => Complete(1, 1)).Message, StringComparison.Ordinal);
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

        Assert.Contains("shard-1 was read for step 3 when it had acknowledged batches below 4", Found(() => Taken(3)).Message, StringComparison.Ordinal);
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

    [Fact]
    public void A_shard_that_comes_back_without_a_batch_it_had_acknowledged_is_found_when_durability_is_promised()
    {
        _other = new CheckerSet(Consistency.Asp, 2, 30, 42, durable: true);
        for (var batch = 0; batch < 3; batch++)
        {
            Batch(batch, 0);
        }

        Restart(0);
        var found = Found(() => Recovered(0, 1, [2]));
        Assert.Contains("had acknowledged batch 1 before it crashed", found.Message, StringComparison.Ordinal);

        Recovered(0, 2, [2, 5]); // all it had acknowledged, and one that it had applied and not acknowledged any more
        Ack(5, 0, shard: 0, version: 17);
        Ack(2, 0, shard: 0, version: 17);
        Restart(1);
        Assert.Contains("first a word of what it has kept", Found(() => Ack(0, 0, shard: 1, version: 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shard_that_comes_back_with_nothing_is_no_violation_where_nothing_is_promised()
    {
        Batch(0, 0);
        Restart(0);
        Recovered(0, 0, []);
        Push(0, 0, shard: 0);

        Ack(0, 0, shard: 0, version: 1);
    }

    [Fact]
    public void A_violation_names_the_invariant_the_seed_the_moment_and_the_message()
    {
        _now = 12.25;
        _number = 99;

        var found = Found(() => Ack(7, 0, shard: 0));

        Assert.Equal(("every batch is applied once and only once", 42L, 12.25, 99L), (found.Invariant, found.Seed, found.VirtualSeconds, found.EventNumber));
        Assert.Equal(
            "Invariant violated: every batch is applied once and only once. At 12.25 virtual seconds, message 99, world seed 42: "
            + "shard-0 acknowledges batch 7, which nobody has pushed to it; expected acknowledgements of what was pushed.", found.Message);
    }

    private static ViolationException Found(Action plant) => Assert.Throws<ViolationException>(plant);

    private void Batch(long batch, int worker, long clock = 0)
    {
        Lease(batch, worker, clock: clock);
        PushEverywhere(batch, worker, clock);
        Complete(batch, worker);
    }

    private void PushEverywhere(long batch, int worker, long clock = 0)
    {
        for (var shard = 0; shard < 2; shard++)
        {
            Push(batch, worker, shard, clock);
            Ack(batch, worker, shard);
        }
    }

    private void Lease(long batch, int worker, int? first = null, int count = 10, long clock = 0) => Sent(NodeId.Trainer, NodeId.Worker(worker), new LeaseProtocol.LeaseGranted(
        new WorkerId(worker), 1, batch + 1, LeaseOf(batch, clock) with { First = first ?? (int)(batch % 3 * 10), Count = count }));

    private void Pull(NodeId worker, long clock, long ticket)
    {
        var id = new WorkerId(worker.Index);
        Delivered(worker, NodeId.Shard(0), new ParameterProtocol.Pull(new ShardId(0), id, ticket, clock, default, default));
        Sent(NodeId.Shard(0), worker, new ParameterProtocol.Rows(new ShardId(0), id, ticket, 0, default, default));
    }

    private void Push(long batch, int worker, int shard, long clock = 0, long birth = 1) => Delivered(
        NodeId.Worker(worker), NodeId.Shard(shard), new ParameterProtocol.Push(new ShardId(shard), new WorkerId(worker), birth, LeaseOf(batch, clock), 0, default, default));

    private void Ack(long batch, int worker, int shard, long? version = null)
    {
        _versions[shard] = version ?? (_versions[shard] + 1);
        Sent(NodeId.Shard(shard), NodeId.Worker(worker), new ParameterProtocol.PushAck(new ShardId(shard), new WorkerId(worker), new BatchId(batch), 0, 0, _versions[shard]));
    }

    private void Complete(long batch, int worker, int examples = 10)
    {
        var completed = new LeaseProtocol.Completed(new WorkerId(worker), 1, batch + 1, new BatchReport(new BatchId(batch), new BatchLoss(), examples, 0, 0, default));
        Sent(NodeId.Worker(worker), NodeId.Trainer, completed);
        Delivered(NodeId.Worker(worker), NodeId.Trainer, completed);
        Sent(NodeId.Trainer, NodeId.Worker(worker), new LeaseProtocol.CompletionRecorded(new WorkerId(worker), 1, batch + 1));
    }

    private void Evaluate(long step, double epoch) => Sent(NodeId.Trainer, NodeId.Evaluator, new SnapshotProtocol.Evaluate(step, epoch));

    private void Part(int shard, long step, long applied, bool deliver = true)
    {
        var part = new SnapshotProtocol.Part(new ShardId(shard), step, applied, false, [], []);
        Sent(NodeId.Shard(shard), NodeId.Evaluator, part);
        if (deliver)
        {
            _number--; // the same message arrives
            Delivered(NodeId.Shard(shard), NodeId.Evaluator, part);
        }
    }

    private void Taken(long step) => Sent(NodeId.Evaluator, NodeId.Trainer, new SnapshotProtocol.Taken(step));

    private void Take(long step)
    {
        Part(0, step, step);
        Part(1, step, step);
        Taken(step);
        Taken(step);
    }

    private void Image(int shard, long step, long applied)
    {
        Sent(NodeId.Trainer, NodeId.Shard(shard), new StateProtocol.Export(new ShardId(shard), step));
        ImageSent(shard, step, applied, delivered: true);
    }

    private void ImageSent(int shard, long step, long applied, bool delivered)
    {
        var none = new TableImage([], [], []);
        var image = new StateProtocol.Image(new ShardId(shard), step, applied, false, none, none, default, new());
        Sent(NodeId.Shard(shard), NodeId.Trainer, image);
        if (delivered)
        {
            _number--;
            Delivered(NodeId.Shard(shard), NodeId.Trainer, image);
        }
    }

    private void Restart(int shard)
    {
        Checkers.Fault(_now, NodeId.Shard(shard), "crash");
        Checkers.Fault(_now, NodeId.Shard(shard), "restart");
    }

    private void Recovered(int shard, long frontier, long[] above) =>
        Checkers.OnRecovered(_now, new Crossing(_number++, NodeId.Shard(shard), NodeId.Trainer, "recovered", 0), new ShardId(shard), frontier, above);

    private void Sent(NodeId from, NodeId to, object message) => Checkers.Sent(_now, new Crossing(_number++, from, to, message, 0));

    private void Delivered(NodeId from, NodeId to, object message) => Checkers.Delivered(_now, new Crossing(_number++, from, to, message, 0));

    private static Lease LeaseOf(long batch, long clock) => new(new BatchId(batch), (int)(batch / 3), (int)(batch % 3 * 10), 10, clock, batch, 0, 1);
}
