using TwoTower.Actors.Hosting;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Tests.Training;

namespace TwoTower.Tests.Towers;

/// <summary>What holds for embeddings holds for towers with layers and features.</summary>
public class TowerTrainingSpecs
{
    private const string Consultation = "relu,linear:12,batchnorm,dropout:0.2,relu,linear:8";

    [Fact]
    public async Task Sharding_a_tower_is_invisible_under_bsp()
    {
        var options = Options(LossKind.InBatchSoftmax, Consultation) with { Workers = 3 };
        var hashes = new List<string>();
        foreach (var (shards, partitioner) in new[] { (1, PartitionerKind.Range), (3, PartitionerKind.Balanced), (4, PartitionerKind.Hash),
            (7, PartitionerKind.Modulo), (16, PartitionerKind.Range) })
        {
            hashes.Add((await Train(options with { Shards = shards, Partitioner = partitioner })).ParametersSha256);
        }

        Assert.Single(hashes.Distinct());
    }

    [Fact]
    public async Task Workers_with_towers_add_up_to_one_with_their_batches_together()
    {
        var options = Options(LossKind.Bpr, "mlp:12,8");

        var two = await Train(options with { Workers = 2, BatchSize = 32 });
        var one = await Train(options with { Workers = 1, BatchSize = 64 });

        for (var n = 0; n < one.Embeddings.Users.Length; n++)
        {
            Assert.Equal(one.Embeddings.Users[n], two.Embeddings.Users[n], 1e-4f);
        }

        Assert.Equal(one.LossByEpoch[^1], two.LossByEpoch[^1], 1e-4);
    }

    [Fact]
    public async Task A_run_with_batch_norm_that_was_interrupted_goes_on_exactly()
    {
        var options = Options(LossKind.InBatchSoftmax, Consultation) with { Workers = 2, Epochs = 5 };
        var whole = await Train(options);
        var store = new InvariantSpecs.MemoryStore();
        using var stop = new CancellationTokenSource();
        var stopAfter = new EventCallback(happening =>
        {
            if (happening is TrainingEvent.EpochDone { Epoch: 2 })
            {
                stop.Cancel();
            }
        });

        var cut = await LocalTraining.RunAsync(new TrainingPlan(options, SmallData.Make(), store), stopAfter, stop.Token);
        var resumed = await LocalTraining.RunAsync(new TrainingPlan(options, SmallData.Make(), store, store.Last));

        Assert.Equal(StopReason.Interrupted, cut.Reason);
        Assert.Equal(whole.ParametersSha256, resumed.ParametersSha256);
        Assert.Equal(whole.Embeddings.Items, resumed.Embeddings.Items);
    }

    [Theory]
    [InlineData("bsp", "none", 0)]
    [InlineData("asp", "delay-compensation", 0)]
    [InlineData("asp", "divide", 3)]
    public async Task Towers_learn_and_their_vectors_are_those_of_the_entities_alone(string consistency, string policy, int hotRowsRefresh)
    {
        Assert.True(Consistency.TryParse(consistency, out var model));
        Assert.True(new TrainingOptions().StalenessPolicy.TryParse(policy, out var stale));
        var options = Options(LossKind.InBatchSoftmax, Consultation) with
        {
            Workers = 4,
            Consistency = model,
            StalenessPolicy = stale,
            Epochs = 12,
            HotRows = hotRowsRefresh > 0 ? 20 : 0,
            HotRowsRefresh = hotRowsRefresh,
            Optimizer = new OptimizerOptions { LearningRate = 0.02, WeightDecay = 1e-4, ClipNorm = 0.5 },
        };

        var outcome = await Train(options);

        Assert.True(outcome.LossByEpoch[^1] < outcome.LossByEpoch[0] - 0.2, string.Join(' ', outcome.LossByEpoch));
        Assert.Equal((60 * 9, 40 * 9), (outcome.Embeddings.Users.Length, outcome.Embeddings.Items.Length));
        Assert.All(outcome.Embeddings.Users, value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public async Task Side_features_are_learned_with_the_embeddings_and_concatenation_is_another_model()
    {
        var data = SmallData.Make() with { ItemFeatures = SmallTower.Features(40), UserFeatures = SmallTower.Features(60) };
        var options = Options(LossKind.InBatchSoftmax, "mlp:8");

        var without = await Train(options);
        var sum = await LocalTraining.RunAsync(new TrainingPlan(options with { Shards = 3 }, data));
        var concat =
            await LocalTraining.RunAsync(
            new TrainingPlan(options with { Model = options.Model with { FeatureCombine = FeatureCombine.Concat } }, data));

        Assert.Equal(3, new[] { without.ParametersSha256, sum.ParametersSha256, concat.ParametersSha256 }.Distinct().Count());
        Assert.All([sum, concat], outcome => Assert.True(outcome.LossByEpoch[^1] < outcome.LossByEpoch[0]));
    }

    [Fact]
    public async Task A_tower_that_does_not_fit_ends_the_run_with_a_sentence() =>
        Assert.Contains("ends with 9 columns", (await Assert.ThrowsAsync<TrainingException>(() => Train(Options(LossKind.Bpr, "mlp:9"))))
            .Message, StringComparison.Ordinal);

    private static TrainingOptions Options(LossKind loss, string tower) => InvariantSpecs.Options(loss, OptimizerKind.Adam) with
    {
        Model = new ModelOptions
        {
            Dim = 8,
            ItemBias = loss == LossKind.InBatchSoftmax,
            UserTower = TowerSpec.Parse(tower),
            ItemTower = TowerSpec.Parse(tower)
        },
        Optimizer = new OptimizerOptions { LearningRate = 0.01, Kind = loss == LossKind.Bpr ? OptimizerKind.Sgd : OptimizerKind.Adam },
        Consistency = Consistency.Bsp,
    };

    private static Task<TrainingOutcome> Train(TrainingOptions options) => InvariantSpecs.Train(options);
}
