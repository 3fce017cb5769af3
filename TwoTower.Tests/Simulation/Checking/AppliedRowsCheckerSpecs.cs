using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation.Checking;

namespace TwoTower.Tests.Simulation.Checking;

/// <summary>The checker of what becomes of a push that a shard has counted.</summary>
public class AppliedRowsCheckerSpecs : CheckerRig
{
    public AppliedRowsCheckerSpecs() => Checkers = new CheckerSet(Consistency.Asp, shards: 2, examples: 30, seed: 42, durable: true);

    [Fact]
    public void A_push_that_was_acknowledged_and_has_stepped_no_row_is_found_at_the_next_boundary()
    {
        PushRows(0, [4, 7], [1]);
        PushRows(1, [4], [2]);

        var found = Found(() => ImageOf(2, [1, 1], [1]));

        Assert.Equal(AppliedRowsChecker.Name, found.Invariant);
        Assert.Contains("the rows of shard-0 have made 3 steps at batch 2", found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_have_made_a_step_for_every_push_are_as_they_should_be_however_often_a_push_came()
    {
        PushRows(0, [4, 7], [1]);
        PushRows(0, [4, 7], [1], acknowledged: false);
        PushRows(1, [4], [2]);

        ImageOf(2, [2, 1], [1, 1]);
    }

    [Fact]
    public void A_row_that_was_stepped_twice_for_one_push_is_found()
    {
        PushRows(0, [4], []);

        Found(() => ImageOf(1, [2], []));
    }

    [Fact]
    public void Pushes_that_make_a_step_together_step_a_row_once_and_no_seldomer()
    {
        Checkers = new CheckerSet(Consistency.Softsync(1), shards: 2, examples: 30, seed: 42, durable: true, workers: 2);
        for (var batch = 0; batch < 3; batch++)
        {
            PushRows(batch, [4], []);
        }

        ImageOf(3, [2], []);
        Found(() => ImageOf(3, [1], []));
    }

    [Fact]
    public void A_batch_that_was_pushed_with_other_rows_by_the_next_worker_says_nothing()
    {
        PushRows(0, [4], [1], acknowledged: false);
        PushRows(0, [4], [1, 2]);

        ImageOf(1, [1], [1]);
    }

    private void PushRows(long batch, int[] users, int[] items, bool acknowledged = true)
    {
        Delivered(W0, NodeId.Shard(0), new ParameterProtocol.Push(new ShardId(0), new WorkerId(0), 1, LeaseOf(batch, 0), 0, Block(users),
            Block(items)));
        if (acknowledged)
        {
            Ack(batch, 0, shard: 0);
        }
    }

    private void ImageOf(long step, int[] users, int[] items) => Sent(
        NodeId.Shard(0), NodeId.Trainer, new StateProtocol.Image(new ShardId(0), step, step, false, new TableImage([], [], users),
            new TableImage([], [], items), default, new()));

    private static RowBlock Block(int[] rows)
    {
        var keys = RowKeys.Rent(rows.Length);
        rows.CopyTo(keys.Array, 0);
        return RowBlock.Rent(keys, 1);
    }
}
