namespace TwoTower.Tests.ParameterServer.Staleness;

public class SoftsyncSpecs
{
    [Fact]
    public void Pushes_are_acknowledged_at_once_and_the_weights_move_by_the_mean_when_enough_have_come()
    {
        var shard = new SmallShard("softsync:1", workers: 3);
        var before = (shard[1], shard[2]);
        var pulled = shard.Pull(0, 0, 1, 2);

        Assert.Single(shard.Push(0, 0, 0, 1f, pulled));
        Assert.Single(shard.Push(0, 1, 1, 2f, pulled)); // one worker may give more than one of them
        Assert.Equal(before, (shard[1], shard[2]));
        Assert.True(shard.State.InFlight);
        Assert.Single(shard.Push(1, 2, 0, 3f, shard.Pull(1, 0, 1)));

        Assert.False(shard.State.InFlight);
        Assert.Equal(before.Item1 - 2f, shard[1], 1e-6f);
        Assert.Equal(before.Item2 - 1f, shard[2], 1e-6f); // (1 + 2 + 0) / 3
    }

    [Fact]
    public void Staleness_is_counted_in_updates_of_the_weights_and_by_row_in_pushes()
    {
        var shard = new SmallShard("softsync:1", workers: 2);
        var pulled = shard.Pull(0, 0, 1);
        for (var batch = 0; batch < 4; batch++)
        {
            shard.Turn(1, batch, batch, 1f, 1);
        }

        var ack = Assert.Single(shard.Push(0, 4, 0, 1f, pulled));

        Assert.Equal(4, ack.StalenessSum); // four pushes to the row
        Assert.Equal([4, 0, 1], shard.State.Staleness.Versions[..3]); // which were two updates
    }

    [Fact]
    public void What_waits_at_a_boundary_is_applied_before_the_shard_is_read()
    {
        var shard = new SmallShard("softsync:1", workers: 3);
        var before = shard[1];
        shard.Turn(0, 0, 0, 1f, 1);

        var late = shard.State.Snapshot(0); // a copy of an earlier request
        Assert.Equal((before, true), (late.Users[2], late.InFlight));
        var read = shard.State.Snapshot(1);

        Assert.Equal(before - 1f, read.Users[2], 1e-6f);
        Assert.False(read.InFlight);
        Assert.Equal(read.Users, shard.State.Export(1).Users.Values);
    }

    [Fact]
    public void A_batch_that_waits_and_comes_again_counts_once()
    {
        var shard = new SmallShard("softsync:1", workers: 2);
        var pulled = shard.Pull(0, 0, 1);
        shard.Push(0, 0, 0, 1f, pulled);

        Assert.Single(shard.Push(1, 0, 0, 1f, pulled));

        Assert.Equal(1, shard.State.Version);
        Assert.True(shard.State.InFlight);
    }

    [Fact]
    public void A_push_that_was_acknowledged_and_waits_outlives_a_crash()
    {
        var shard = new SmallShard("softsync:1", workers: 2);
        var before = shard[1];
        shard.Turn(0, 0, 0, 1f, 1);
        var again = new SmallShard("softsync:1", workers: 2);
        again.State.Restore(shard.State.Save());

        again.Turn(1, 1, 0, 3f, 1);

        Assert.Equal(before - 2f, again[1], 1e-6f);
        Assert.Equal((2, 2, false), (again.State.Version, again.State.Applied, again.State.InFlight));
    }
}
