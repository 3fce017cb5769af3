using TwoTower.Actors.Options;
using TwoTower.Actors.Simulation.Checking;

namespace TwoTower.Tests.Simulation.Checking;

/// <summary>Every checker finds the violation that it is there for, planted in messages made up for it, and says nothing
/// of the same messages without it.</summary>
public class CheckerSpecs : CheckerRig
{
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
    public void A_batch_that_a_shard_applies_a_second_time_is_found_by_the_version()
    {
        Push(0, 0, shard: 1);
        Ack(0, 0, shard: 1);
        Ack(0, 0, shard: 1, version: 1); // known: the version stays

        var found = Found(() => Ack(0, 0, shard: 1, version: 2));

        Assert.Contains("shard-1 acknowledges batch 0 again at version 2, after version 1; expected version 1", found.Message,
            StringComparison.Ordinal);
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
    public void A_shard_that_comes_back_without_a_batch_it_had_acknowledged_is_found_when_durability_is_promised()
    {
        Checkers = new CheckerSet(Consistency.Asp, 2, 30, 42, durable: true);
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
        Now = 12.25;
        Number = 99;

        var found = Found(() => Ack(7, 0, shard: 0));

        Assert.Equal(("every batch is applied once and only once", 42L, 12.25, 99L),
            (found.Invariant, found.Seed, found.VirtualSeconds, found.EventNumber));
        Assert.Equal(
            "Invariant violated: every batch is applied once and only once. At 12.25 virtual seconds, message 99, world seed 42: "
            + "shard-0 acknowledges batch 7, which nobody has pushed to it; expected acknowledgements of what was pushed.", found.Message);
    }

    [Fact]
    public void A_batch_that_was_recorded_as_complete_and_is_leased_to_another_request_is_found()
    {
        Batch(0, 0);

        Assert.Contains("batch 0 is leased to worker-1, and had been recorded as complete", Found(() => Lease(0, 1)).Message,
            StringComparison.Ordinal);
    }
}
