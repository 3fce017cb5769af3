using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Tests.ParameterServer.Staleness;

/// <summary>Copies of pulled rows that policies compare with: whose they are, and when they go.</summary>
public class PulledRowsSpecs
{
    [Fact]
    public void What_a_life_had_pulled_goes_with_its_fence_and_what_others_and_its_next_life_had_stays()
    {
        var shard = new SmallShard("asp", "delay-compensation");
        shard.Pull(SmallShard.Request(0, birth: 3, clock: 0, 1, 2));
        shard.Pull(SmallShard.Request(0, birth: 3, clock: 1, 1));
        shard.Pull(SmallShard.Request(1, birth: 4, clock: 0, 1));

        shard.State.Fence(new ParameterProtocol.Fence(new ShardId(0), new WorkerId(0), 3));

        Assert.Equal((1, 1), (shard.State.Pulled!.Count, shard.State.Pulled.Workers));
        shard.Pull(SmallShard.Request(0, birth: 3, clock: 2, 1)); // on its way when the life was fenced off
        Assert.Equal(1, shard.State.Pulled.Count);
        shard.Pull(SmallShard.Request(0, birth: 5, clock: 2, 1));
        shard.State.Fence(new ParameterProtocol.Fence(new ShardId(0), new WorkerId(0), 3)); // sent again
        Assert.Equal(2, shard.State.Pulled.Count);
    }

    [Fact]
    public void A_standby_drops_what_the_shard_that_it_follows_drops()
    {
        var (shard, standby) = (new SmallShard("asp", "delay-compensation"), new SmallShard("asp", "delay-compensation"));
        for (var worker = 0; worker < 5; worker++)
        {
            shard.Pull(SmallShard.Request(worker, 1, 0, 1));
            standby.State.Follow(SmallShard.Request(worker, 1, 0, 1));
        }

        foreach (var worker in new[] { 1, 3 })
        {
            shard.State.Fence(new ParameterProtocol.Fence(new ShardId(0), new WorkerId(worker), 1));
            standby.State.Follow(new ParameterProtocol.Fence(new ShardId(0), new WorkerId(worker), 1));
        }

        Assert.Equal((3, 3), (standby.State.Pulled!.Count, standby.State.Pulled.Workers));
        Assert.Equal(shard.State.Pulled!.Count, standby.State.Pulled.Count);
    }

    [Fact]
    public void A_shard_that_was_restored_keeps_nothing_for_a_life_that_was_fenced_off_before()
    {
        var shard = new SmallShard("asp", "delay-compensation");
        shard.Pull(SmallShard.Request(0, 1, 0, 1));
        shard.State.Fence(new ParameterProtocol.Fence(new ShardId(0), new WorkerId(0), 1));
        var restored = new SmallShard("asp", "delay-compensation");
        restored.State.Restore(shard.State.Save());

        restored.Pull(SmallShard.Request(0, 1, 0, 1));
        Assert.Equal(0, restored.State.Pulled!.Count);
        restored.Pull(SmallShard.Request(0, 2, 0, 1));
        Assert.Equal(1, restored.State.Pulled.Count);
    }

    [Fact]
    public void However_many_workers_there_have_been_no_more_than_a_bound_is_kept_and_the_oldest_goes_first()
    {
        var shard = new SmallShard("asp", "delay-compensation");
        var first = shard.Pull(0, 0, 1);
        var early = shard.Pull(1, 0, 1);
        for (var worker = 2; worker < 1000; worker++)
        {
            shard.Pull(SmallShard.Request(worker, 1, 0, 1));
            if (worker == 100)
            {
                Assert.NotNull(shard.State.Pulled!.Take(Push(0, first)));
            }
        }

        Assert.Equal((128, 128), (shard.State.Pulled!.Count, shard.State.Pulled.Workers)); // two batches on the way for each of 64
        Assert.Null(shard.State.Pulled.Take(Push(1, early)));
    }

    private static ParameterProtocol.Push Push(int worker, ParameterProtocol.Rows pulled) =>
        new(new ShardId(0), new WorkerId(worker), 1, new Lease(new BatchId(0), 0, 0, 1, 0, 0, 0, 1), pulled.Version, pulled.Users,
            pulled.Items);
}
