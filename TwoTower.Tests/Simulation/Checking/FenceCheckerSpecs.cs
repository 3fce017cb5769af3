using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Tests.Simulation.Checking;

/// <summary>The checkers of the consistency bound and of fences find pushes that come too late, and none that may.</summary>
public class FenceCheckerSpecs : CheckerRig
{
    [Fact]
    public void A_pull_that_missed_a_push_older_than_the_bound_is_found_when_the_push_is_applied()
    {
        Pull(W0, clock: 3, ticket: 1);
        Push(0, 1, shard: 0, clock: 1);
        Ack(0, 1, shard: 0); // two clocks: allowed
        Push(1, 1, shard: 0, clock: 0);

        var found = Found(() => Ack(1, 1, shard: 0));

        Assert.Contains("ssp:2", found.Invariant, StringComparison.Ordinal);
        Assert.Contains("applied batch 1 of worker-1 at clock 0 after it had served a pull of worker-0 at clock 3", found.Message,
            StringComparison.Ordinal);
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

        Assert.Contains("applied batch 3 of life 1 of worker-1, which it had called fenced off", Found(() => Ack(3, 1, shard: 0)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_that_goes_to_another_before_every_shard_has_called_the_first_life_fenced_off_is_found()
    {
        Grant(worker: 0, birth: 1);
        Grant(worker: 0, birth: 1); // told again
        Sent(NodeId.Shard(0), NodeId.Trainer, new ParameterProtocol.Fenced(new ShardId(0), new WorkerId(0), 1, 0));

        Assert.Contains("shard-1 has not called life 1 of worker-0 fenced off", Found(() => Grant(worker: 1, birth: 2)).Message,
            StringComparison.Ordinal);

        Sent(NodeId.Shard(1), NodeId.Trainer, new ParameterProtocol.Fenced(new ShardId(1), new WorkerId(0), 1, 0));
        Grant(worker: 1, birth: 2);

        void Grant(int worker, long birth) =>
            Sent(NodeId.Trainer, NodeId.Worker(worker), new LeaseProtocol.LeaseGranted(new WorkerId(worker), birth, 1, LeaseOf(0, 0)));
    }

    [Fact]
    public void With_backup_workers_a_batch_that_was_never_accepted_may_go_to_anybody_and_one_that_was_may_not()
    {
        var asked = LeaseOf(0, 0) with { RoundSize = 0 };
        Sent(NodeId.Trainer, W0, new LeaseProtocol.LeaseGranted(new WorkerId(0), 1, 1, asked));
        Sent(NodeId.Trainer, W1, new LeaseProtocol.LeaseGranted(new WorkerId(1), 2, 1, asked));
        Sent(NodeId.Trainer, W1, new LeaseProtocol.OfferAccepted(new WorkerId(1), 2, 1, LeaseOf(0, 0)));

        Assert.Contains("which had it",
            Found(() => Sent(NodeId.Trainer, W0, new LeaseProtocol.OfferAccepted(new WorkerId(0), 1, 1, LeaseOf(0, 0)))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_that_two_lives_push_may_be_applied_when_one_of_them_is_not_fenced_off()
    {
        Sent(NodeId.Shard(0), W1, new ParameterProtocol.Fenced(new ShardId(0), new WorkerId(1), 1, 0));
        Push(0, 1, shard: 0, birth: 1);
        Push(0, 0, shard: 0, birth: 5);

        Ack(0, 0, shard: 0);
    }
}
