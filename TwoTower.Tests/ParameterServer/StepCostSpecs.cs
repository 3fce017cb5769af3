using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Tests.ParameterServer.Staleness;
using TwoTower.Tests.Protocol;

namespace TwoTower.Tests.ParameterServer;

/// <summary>What a batch costs is decided by the rows in it, not by those of the shard.</summary>
public class StepCostSpecs
{
    private const int Width = 8;

    [Fact]
    public void A_shard_holds_nothing_for_every_row_but_the_row_and_its_optimizer_state()
    {
        var bytes = Allocated(() => Shard(Blueprint(200_000))) - Allocated(() => Shard(Blueprint(100_000)));

        // What else there is for every row is an array that somebody has to clear.
        var blueprints = Allocated(() => Blueprint(200_000)) - Allocated(() => Blueprint(100_000));
        var row = (3 * Width * sizeof(float)) + (2 * sizeof(int)); // values, two of Adam's, steps, versions
        Assert.InRange(bytes - blueprints, (100_000L * row) - 5_000, (100_000L * row) + 20_000);
    }

    [Fact]
    public void A_record_that_follows_another_costs_what_was_stepped_in_between()
    {
        var (small, large) = (Cost(1_000), Cost(200_000));

        Assert.InRange(large, 0, small + 1_000);

        static long Cost(int rows)
        {
            var state = Shard(Blueprint(rows));
            for (var batch = 0; batch < 4; batch++)
            {
                Push(state, batch);
                state.SaveShared();
            }

            Push(state, 4);
            var before = GC.GetAllocatedBytesForCurrentThread();
            state.SaveShared();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Theory]
    [InlineData("bsp", "none")]
    [InlineData("asp", "none")]
    [InlineData("asp", "gap-aware")]
    [InlineData("bsp", "delay-compensation")]
    [InlineData("softsync:2", "delay-compensation")]
    public void A_record_that_is_brought_up_to_date_is_the_one_that_would_be_made_anew(string consistency, string policy)
    {
        var shard = new SmallShard(consistency, policy);
        for (var batch = 0; batch < 12; batch++)
        {
            var clock = batch / 2;
            var pulled = shard.Pull(batch % 2, clock, batch % 5, 5);
            shard.Push(batch % 2, batch, clock, 0.1f * (batch + 1), pulled, rank: batch % 2, round: 2);
            if (batch % 3 != 1)
            {
                Assert.Equal(WireMessages.Describe(shard.State.Save()), WireMessages.Describe(shard.State.SaveShared()));
            }
        }

        var other = new SmallShard(consistency, policy);
        other.State.SaveShared();
        other.State.Restore(shard.State.Save());
        Assert.Equal(WireMessages.Describe(other.State.Save().Users), WireMessages.Describe(other.State.SaveShared().Users));
    }

    private static long Allocated(Func<object> make)
    {
        make(); // what is made once for all is not counted
        var before = GC.GetAllocatedBytesForCurrentThread();
        GC.KeepAlive(make());
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static ShardState Shard(ShardBlueprint blueprint) => new(new ShardId(0), blueprint);

    private static ShardBlueprint Blueprint(int users)
    {
        var options = new TrainingOptions
        {
            Consistency = Consistency.Asp,
            Shards = 1,
            Model = new ModelOptions { Dim = Width },
            Optimizer = new OptimizerOptions { Kind = OptimizerKind.Adam },
        };
        return new ShardBlueprint(
            options,
            new ParameterLayout(
                TableLayout.Create(PartitionerKind.Range, 1, new int[users]), TableLayout.Create(PartitionerKind.Range, 1, new int[4])),
            new LearningRateSchedule(options.Optimizer, 10, 10), new PopularityBuckets(new int[users]), new PopularityBuckets(new int[4]));
    }

    private static void Push(ShardState state, int batch)
    {
        var keys = RowKeys.Rent(3);
        for (var n = 0; n < 3; n++)
        {
            keys.Array[n] = batch + (10 * n);
        }

        var block = RowBlock.Rent(keys, Width);
        block.Values.AsSpan(0, 3 * Width).Fill(0.1f);
        block.Versions.AsSpan(0, 3).Clear();
        var lease = new Lease(new BatchId(batch), 0, 0, 10, batch, batch, 0, 1);
        var items = RowBlock.Rent(RowKeys.Rent(0), Width);
        state.Follow(new ParameterProtocol.Push(new ShardId(0), new WorkerId(0), 1, lease, batch, block, items));
    }
}
