using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;

namespace TwoTower.Tests.ParameterServer;

public class ShardStateSpecs
{
    private static readonly WorkerId A = new(0);
    private static readonly WorkerId B = new(1);

    [Fact]
    public void A_push_moves_its_rows_and_no_others()
    {
        var shard = Shard("asp");
        var before = shard.Snapshot(0);

        var acks = Push(shard, A, batch: 0, clock: 0, users: [1], value: 1f);

        var after = shard.Snapshot(1);
        Assert.Single(acks);
        Assert.Equal(before.Users[0..2], after.Users[0..2]);
        Assert.Equal(before.Users[2] - 1f, after.Users[2], 1e-6f);
        Assert.Equal(before.Users[4..], after.Users[4..]);
        Assert.Equal(before.Items, after.Items);
    }

    [Theory]
    [InlineData("asp")]
    [InlineData("bsp")]
    public void A_batch_that_comes_twice_is_applied_once_and_acknowledged_twice(string consistency)
    {
        var shard = Shard(consistency);
        Assert.Single(Push(shard, A, batch: 0, clock: 0, users: [1], value: 1f));
        var once = shard.Snapshot(1).Users;

        Assert.Single(Push(shard, B, batch: 0, clock: 0, users: [1], value: 5f));

        Assert.Equal(once, shard.Snapshot(1).Users);
        Assert.Equal(1, shard.Version);
    }

    [Fact]
    public void Under_bsp_a_round_waits_for_all_and_is_one_step_of_the_mean_in_batch_order()
    {
        var shard = Shard("bsp");
        var before = shard.Snapshot(0).Users[2];

        Assert.Empty(Push(shard, B, batch: 1, clock: 0, users: [1], value: 3f, rank: 1, round: 2, count: 10));
        Assert.True(shard.InFlight);
        Assert.Equal(2, Push(shard, A, batch: 0, clock: 0, users: [1], value: 1f, rank: 0, round: 2, count: 30).Count);

        Assert.False(shard.InFlight);
        Assert.Equal(before - ((0.75f * 1f) + (0.25f * 3f)), shard.Snapshot(2).Users[2], 1e-6f);
        Assert.Equal(0, shard.Staleness.Sum);
    }

    [Fact]
    public void A_batch_of_an_open_round_that_another_worker_took_over_is_acknowledged_to_both()
    {
        var shard = Shard("bsp");
        Push(shard, A, batch: 0, clock: 0, users: [1], value: 1f, rank: 0, round: 2);
        Push(shard, B, batch: 0, clock: 0, users: [1], value: 1f, rank: 0, round: 2);

        var acks = Push(shard, B, batch: 1, clock: 0, users: [2], value: 1f, rank: 1, round: 2);

        Assert.Equal([(A, 0L), (B, 0L), (B, 1L)], acks.Select(ack => (ack.Worker, ack.Batch.Number)));
        Assert.Equal(2, shard.Version);
    }

    [Fact]
    public void Staleness_counts_every_push_to_the_same_row_since_the_pull_and_none_to_another_row()
    {
        var shard = Shard("asp");
        var rows = Pull(shard, A, clock: 0, users: [1, 2]);
        Push(shard, B, batch: 0, clock: 0, users: [1], value: 1f);
        Push(shard, B, batch: 1, clock: 1, users: [1], value: 1f);
        Push(shard, A, batch: 2, clock: 0, users: [1], value: 1f, versions: [rows.Users.Versions[0]]);

        var ack = Push(shard, A, batch: 3, clock: 1, users: [1, 2], value: 1f, versions: rows.Users.Versions);

        Assert.Equal(2, ack[0].StaleRows);
        Assert.Equal(3, ack[0].StalenessSum); // two by B and A's own, which was prefetched past, to row 1; none to row 2
        Assert.Equal(3, shard.Staleness.Max);
    }

    [Fact]
    public void A_push_that_a_pull_beyond_the_bound_has_missed_is_a_violation()
    {
        var shard = Shard("ssp:2");
        Pull(shard, A, clock: 2, users: [1]);
        Push(shard, B, batch: 0, clock: 0, users: [1], value: 1f);
        Assert.Equal((2, 0), (shard.Staleness.MaxClocks, shard.Staleness.BoundViolations));

        Pull(shard, A, clock: 4, users: [1]);
        Push(shard, B, batch: 1, clock: 1, users: [1], value: 1f);
        Assert.Equal((3, 1), (shard.Staleness.MaxClocks, shard.Staleness.BoundViolations));
    }

    [Fact]
    public void A_batch_of_a_round_that_is_whole_here_is_computed_again_from_the_rows_that_the_round_began_with()
    {
        var shard = Shard("bsp");
        var began = Pull(shard, A, clock: 0, users: [1, 2]).Users.Row(0)[0];
        Push(shard, A, batch: 0, clock: 0, users: [1], value: 1f);

        // The worker died before its push reached another shard; a second one computes batch 0 at the same clock.
        Assert.Equal(began, Pull(shard, B, clock: 0, users: [1, 2]).Users.Row(0)[0]);
        Assert.Equal(began - 1f, Pull(shard, B, clock: 1, users: [1, 2]).Users.Row(0)[0], 1e-6f);
    }

    [Fact]
    public void A_fence_holds_for_a_life_and_those_before_it_and_not_for_the_next()
    {
        var shard = Shard("asp");
        shard.Fence(new ParameterProtocol.Fence(new ShardId(0), A, 4));
        shard.Fence(new ParameterProtocol.Fence(new ShardId(0), A, 2)); // late

        Assert.Equal((true, true, false, false), (shard.IsFenced(A, 1), shard.IsFenced(A, 4), shard.IsFenced(A, 5), shard.IsFenced(B, 1)));
    }

    [Fact]
    public void Rows_of_another_shard_are_refused_with_the_reason()
    {
        var options = Options("asp");
        var layout = new ParameterLayout(TableLayout.Create(PartitionerKind.Modulo, 2, new int[6]),
            TableLayout.Create(PartitionerKind.Modulo, 2, new int[4]));
        var shard = new ShardState(new ShardId(0), Blueprint(options, layout));

        var served = shard.TryPull(new ParameterProtocol.Pull(new ShardId(0), A, 1, 0, Keys([1]), Keys([])), out _, out var reason);

        Assert.False(served);
        Assert.Contains("another shard", reason, StringComparison.Ordinal);
    }

    private static TrainingOptions Options(string consistency)
    {
        Assert.True(Consistency.TryParse(consistency, out var model));
        return new TrainingOptions
        {
            Consistency = model,
            Shards = 1,
            Model = new ModelOptions { Dim = 2 },
            Optimizer = new OptimizerOptions { Kind = OptimizerKind.Sgd, LearningRate = 1 },
        };
    }

    private static ShardBlueprint Blueprint(TrainingOptions options, ParameterLayout layout) => new(
        options, layout, new LearningRateSchedule(options.Optimizer, 10, 10), new PopularityBuckets(new int[6]),
        new PopularityBuckets(new int[4]));

    private static ShardState Shard(string consistency) => new(new ShardId(0), Blueprint(
        Options(consistency),
        new ParameterLayout(TableLayout.Create(PartitionerKind.Range, 1, new int[6]),
            TableLayout.Create(PartitionerKind.Range, 1, new int[4]))));

    private static RowKeys Keys(int[] rows)
    {
        var keys = RowKeys.Rent(rows.Length);
        rows.CopyTo(keys.Array, 0);
        return keys;
    }

    private static ParameterProtocol.Rows Pull(ShardState shard, WorkerId worker, long clock, int[] users)
    {
        Assert.True(shard.TryPull(new ParameterProtocol.Pull(new ShardId(0), worker, 1, clock, Keys(users), Keys([])),
            out var rows, out _));
        return rows!;
    }

    private static List<ParameterProtocol.PushAck> Push(
        ShardState shard, WorkerId worker, long batch, long clock, int[] users, float value, int rank = 0, int round = 1, int count = 10,
        int[]? versions = null)
    {
        var block = RowBlock.Rent(Keys(users), 2);
        block.Values.AsSpan(0, users.Length * 2).Fill(value);
        block.Versions.AsSpan(0, users.Length).Clear();
        versions?.AsSpan(0, users.Length).CopyTo(block.Versions);
        var lease = new Lease(new BatchId(batch), 0, 0, count, clock, 0, rank, round);
        var acks = new List<ParameterProtocol.PushAck>();
        Assert.True(shard.TryPush(new ParameterProtocol.Push(new ShardId(0), worker, 1, lease, 0, block, RowBlock.Rent(Keys([]), 2)),
            acks.Add, out _));
        return acks;
    }
}
