using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;

namespace TwoTower.Tests.ParameterServer;

/// <summary>What a shard does to touched rows besides following their gradients.</summary>
public class RegularisationSpecs
{
    [Theory]
    [InlineData(0.1, null, null, 0.1, 0.1)]
    [InlineData(0.1, 0.0, null, 0.0, 0.1)]
    [InlineData(0.1, 0.3, 0.2, 0.3, 0.2)]
    public void Each_table_has_its_own_decay_or_the_common_one(double common, double? user, double? item, double userExpected,
        double itemExpected)
    {
        var before = Push(new OptimizerOptions { Kind = OptimizerKind.Sgd, LearningRate = 1 });
        var after = Push(new OptimizerOptions
        {
            Kind = OptimizerKind.Sgd,
            LearningRate = 1,
            WeightDecay = common,
            UserDecay = user,
            ItemDecay = item
        });

        Equal(before.Users.AsSpan(0, 2), after.Users.AsSpan(0, 2), 1 - userExpected);
        Equal(before.Items.AsSpan(0, 3), after.Items.AsSpan(0, 3), 1 - itemExpected);
        Equal(before.Users.AsSpan(2), after.Users.AsSpan(2), 1); // rows that no push touched
        Equal(before.Items.AsSpan(3), after.Items.AsSpan(3), 1);
    }

    [Theory]
    [InlineData(OptimizerKind.Sgd)]
    [InlineData(OptimizerKind.Adam)]
    public void A_step_beyond_the_largest_norm_ends_on_it_in_the_same_direction_and_the_bias_is_free(OptimizerKind kind)
    {
        var options = new OptimizerOptions { Kind = kind, LearningRate = 3 };
        var free = Push(options, gradient: -1);
        var bound = Push(options with { MaxNorm = 0.5 }, gradient: -1);

        // User rows are vectors of two floats; item rows a vector of two and a bias.
        Assert.Equal(0.5, Norm(bound.Users), 1e-5);
        Assert.Equal(0.5, Norm(bound.Items), 1e-5);
        Assert.InRange(Norm(free.Users), 1, double.MaxValue);
        Assert.Equal(free.Users[0] / free.Users[1], bound.Users[0] / bound.Users[1], 1e-4f);
        Assert.Equal(free.Items[2], bound.Items[2]);
        Assert.InRange(Math.Abs(bound.Items[2]), 1, double.MaxValue);
    }

    [Fact]
    public void A_row_inside_the_largest_norm_keeps_its_bits()
    {
        var options = new OptimizerOptions { Kind = OptimizerKind.Adagrad, LearningRate = 0.01 };

        var (free, bound) = (Push(options, gradient: 1), Push(options with { MaxNorm = 100 }, gradient: 1));

        Assert.Equal(free.Users, bound.Users);
        Assert.Equal(free.Items, bound.Items);
    }

    private static double Norm(float[] row) => Math.Sqrt((row[0] * (double)row[0]) + (row[1] * (double)row[1]));

    private static void Equal(ReadOnlySpan<float> before, ReadOnlySpan<float> after, double factor)
    {
        for (var n = 0; n < before.Length; n++)
        {
            Assert.Equal(factor * before[n], after[n], 1e-6);
        }
    }

    /// <summary>The tables of one shard after a push of one gradient to the first rows of both.</summary>
    private static (float[] Users, float[] Items) Push(OptimizerOptions optimizer, float gradient = 0)
    {
        var options = new TrainingOptions
        {
            Consistency = Consistency.Asp,
            Workers = 1,
            Shards = 1,
            Model = new ModelOptions { Dim = 2, ItemBias = true },
            Optimizer = optimizer
        };
        var state = new ShardState(new ShardId(0), new ShardBlueprint(
            options,
            new ParameterLayout(TableLayout.Create(PartitionerKind.Range, 1, new int[3]),
                TableLayout.Create(PartitionerKind.Range, 1, new int[3])),
            new LearningRateSchedule(optimizer, 10, 10), new PopularityBuckets(new int[3]), new PopularityBuckets(new int[3])));
        Assert.True(state.TryPull(new ParameterProtocol.Pull(new ShardId(0), new WorkerId(0), 1, 0, First(), First()),
            out var rows, out _));
        RowBlock Gradient(RowBlock pulled, int width)
        {
            var block = RowBlock.Rent(pulled.Keys.Copy(), width);
            block.Row(0).Fill(gradient);
            pulled.Versions.AsSpan(0, 1).CopyTo(block.Versions);
            return block;
        }

        var lease = new Lease(new BatchId(0), 0, 0, 10, 0, 0, 0, 1);
        Assert.True(state.TryPush(
            new ParameterProtocol.Push(new ShardId(0), new WorkerId(0), 1, lease, rows!.Version, Gradient(rows.Users, 2),
                Gradient(rows.Items, 3)), _ => { }, out _));
        var snapshot = state.Snapshot(-1);
        return (snapshot.Users, snapshot.Items);
    }

    private static RowKeys First()
    {
        var keys = RowKeys.Rent(1);
        keys.Array[0] = 0;
        return keys;
    }
}
