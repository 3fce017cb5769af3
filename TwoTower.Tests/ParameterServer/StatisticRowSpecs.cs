using TwoTower.Actors.Options;
using TwoTower.Actors.Training;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Tests.ParameterServer.Staleness;
using TwoTower.Tests.Training;

namespace TwoTower.Tests.ParameterServer;

/// <summary>Rows that are measured and not learned: batch norm's running mean and variance. Of the six user rows two are users, one each
/// scale, shift, mean and variance.</summary>
public class StatisticRowSpecs
{
    private const int Scale = 2;
    private const int Mean = 4;
    private const int Variance = 5;

    [Fact]
    public void Under_bsp_a_statistic_moves_a_tenth_of_the_way_to_the_mean_of_the_rounds_statistics()
    {
        var shard = Shard("bsp", "none", OptimizerKind.Sgd);
        var (first, second) = (shard.Pull(0, 0, Scale, Mean, Variance), shard.Pull(1, 0, Scale, Mean, Variance));

        shard.Push(0, 0, 0, 5, first, rank: 0, round: 2);
        shard.Push(1, 1, 0, 9, second, rank: 1, round: 2);

        Assert.Equal(0.7f, shard[Mean], 1e-6f);
        Assert.Equal(1 + (0.1f * 6), shard[Variance], 1e-6f);
        Assert.Equal(1 - 7f, shard[Scale], 1e-5f); // a scale makes the optimizer's step, without decay
    }

    [Theory]
    [InlineData("none", OptimizerKind.Adam)]
    [InlineData("divide", OptimizerKind.Sgd)]
    [InlineData("delay-compensation", OptimizerKind.RowwiseAdagrad)]
    [InlineData("gap-aware", OptimizerKind.Momentum)]
    public void A_stale_statistic_counts_as_much_as_a_fresh_one_whatever_the_policy_and_the_optimizer(string policy,
        OptimizerKind optimizer)
    {
        var shard = Shard("asp", policy, optimizer);
        var old = shard.Pull(0, 0, Mean);

        shard.Turn(1, 0, 0, 10, Mean);
        shard.Turn(1, 1, 1, 10, Mean);
        shard.Push(0, 2, 0, 20, old);

        Assert.Equal((0.9f * 1.9f) + 2, shard[Mean], 1e-5f);
    }

    [Fact]
    public async Task Clipping_gradients_does_not_clip_what_is_measured()
    {
        var store = new InvariantSpecs.MemoryStore();
        var options = InvariantSpecs.Options(LossKind.InBatchSoftmax, OptimizerKind.Sgd) with
        {
            Model = new ModelOptions { Dim = 8, ItemTower = TowerSpec.Parse("batchnorm") },
            Optimizer = new OptimizerOptions { Kind = OptimizerKind.Sgd, LearningRate = 1e-6, ClipNorm = 1e-6 },
            Consistency = Consistency.Bsp,
            Workers = 1,
        };

        await Actors.Hosting.LocalTraining.RunAsync(new TrainingPlan(options, SmallData.Make(), store));

        // Embeddings stay at their initial N(0, 0.1²), so the running variance comes from 1 down to
        // about 0.01 in the 54 batches of three epochs.
        var variance = store.Last!.Tensors["item"][^8..];
        Assert.All(variance, value => Assert.InRange(value, 0.003f, 0.03f));
    }

    private static SmallShard Shard(string consistency, string policy, OptimizerKind optimizer) =>
        new(consistency, policy, change: options => options with
        {
            Model = options.Model with { UserTower = TowerSpec.Parse("batchnorm") },
            Optimizer = options.Optimizer with { Kind = optimizer, WeightDecay = 0.5 },
        });
}
