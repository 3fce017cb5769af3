using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Tests.Protocol;

namespace TwoTower.Tests.Cluster.Replication;

/// <summary>A small shard, requests for it that follow from the batch's number alone, and what it must know in the end.</summary>
internal static class SmallReplica
{
    private const int Users = 12, Items = 8, Width = 4;

    public static ShardId Shard { get; } = new(0);

    public static ShardBlueprint Blueprint(string consistency, Durability durability)
    {
        Assert.True(Consistency.TryParse(consistency, out var model));
        var options = new TrainingOptions
        {
            Consistency = model,
            Workers = 2,
            Shards = 1,
            Durability = durability,
            FlushSeconds = 0.01,
            Model = new ModelOptions { Dim = Width },
            Optimizer = new OptimizerOptions { Kind = OptimizerKind.Adam, LearningRate = 0.05 },
        };
        return new ShardBlueprint(
            options,
            new ParameterLayout(TableLayout.Create(PartitionerKind.Range, 1, new int[Users]),
                TableLayout.Create(PartitionerKind.Range, 1, new int[Items])),
            new LearningRateSchedule(options.Optimizer, 10, 100), new PopularityBuckets(new int[Users]),
            new PopularityBuckets(new int[Items]));
    }

    /// <summary>The push of a batch in rounds of two, by the worker whose turn it is.</summary>
    public static ParameterProtocol.Push Push(long batch, long birth = 1) => new(
        Shard, new WorkerId((int)(batch % 2)), birth, new Lease(new BatchId(batch), 0, 0, 10, batch / 2, batch / 2, (int)(batch % 2), 2),
        batch, Block(batch, Users), Block(batch + 7, Items));

    public static ParameterProtocol.Pull Pull(long batch) =>
        new(Shard, new WorkerId((int)(batch % 2)), batch, batch / 2, Keys(batch, Users), Keys(batch + 7, Items));

    /// <summary>A shard that was never disturbed.</summary>
    public static ShardState Undisturbed(ShardBlueprint blueprint, long batches)
    {
        var state = new ShardState(Shard, blueprint);
        for (var batch = 0L; batch < batches; batch++)
        {
            state.Follow(Push(batch));
        }

        return state;
    }

    /// <summary>Everything that decides how a shard goes on, as text: not how often it was asked, nor how long it took.</summary>
    public static string Describe(ShardRecord record) =>
        WireMessages.Describe(record with { Counters = new ShardCounters(0, 0, record.Counters.Pushes, 0, 0, 0), FurthestClock = 0 });

    /// <summary>The parameters and optimizer state of an image, as text.</summary>
    public static string Describe(StateProtocol.Image image) => WireMessages.Describe((image.Applied, image.InFlight))
        + WireMessages.Describe(image.Users) + WireMessages.Describe(image.Items);

    private static RowBlock Block(long seed, int rows)
    {
        var block = RowBlock.Rent(Keys(seed, rows), Width);
        for (var n = 0; n < block.Count; n++)
        {
            block.Versions[n] = 0;
            for (var at = 0; at < Width; at++)
            {
                block.Row(n)[at] = (((seed * 31) + (n * 7) + (at * 3)) % 17 * 0.1f) - 0.8f;
            }
        }

        return block;
    }

    private static RowKeys Keys(long seed, int rows)
    {
        var keys = RowKeys.Rent(3);
        for (var n = 0; n < 3; n++)
        {
            keys.Array[n] = (int)((seed + (n * 3)) % rows);
        }

        return keys;
    }
}
