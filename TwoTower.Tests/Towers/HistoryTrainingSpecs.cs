using TwoTower.Actors.Hosting;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Model.Towers;
using TwoTower.Tests.Training;

namespace TwoTower.Tests.Towers;

/// <summary>What holds for users with ids holds for users who are their histories.</summary>
public class HistoryTrainingSpecs
{
    public static TheoryData<LossKind, string, bool> Towers => new()
    {
        { LossKind.InBatchSoftmax, "history", false },
        { LossKind.Bpr, "history", true },
        { LossKind.FullSoftmax, "history+id", true },
        { LossKind.SampledSoftmax, "history+id", false },
    };

    [Theory]
    [MemberData(nameof(Towers))]
    public async Task Sharding_histories_is_invisible_under_bsp(LossKind loss, string tower, bool separate)
    {
        var options = Options(loss, tower, separate) with { Workers = 3 };
        var hashes = new List<string>();
        foreach (var (shards, partitioner) in new[] { (1, PartitionerKind.Range), (3, PartitionerKind.Balanced), (4, PartitionerKind.Hash),
            (7, PartitionerKind.Modulo), (16, PartitionerKind.Range) })
        {
            hashes.Add((await InvariantSpecs.Train(options with { Shards = shards, Partitioner = partitioner })).ParametersSha256);
        }

        Assert.Single(hashes.Distinct());
    }

    [Theory]
    [InlineData("history", false)]
    [InlineData("history+id", true)]
    public async Task Workers_with_histories_add_up_to_one_with_their_batches_together(string tower, bool separate)
    {
        var options = Options(LossKind.Bpr, tower, separate) with
        { Optimizer = new OptimizerOptions { Kind = OptimizerKind.Adagrad, LearningRate = 0.05 } };

        var four = await InvariantSpecs.Train(options with { Workers = 4, BatchSize = 16 });
        var one = await InvariantSpecs.Train(options with { Workers = 1, BatchSize = 64 });

        Assert.All(one.Embeddings.Users.Zip(four.Embeddings.Users), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        Assert.All(one.Embeddings.Items.Zip(four.Embeddings.Items), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        Assert.Equal(one.LossByEpoch[^1], four.LossByEpoch[^1], 1e-5);
    }

    [Theory]
    [InlineData("history", true)]
    [InlineData("history+id", false)]
    public async Task A_run_with_histories_that_was_interrupted_goes_on_exactly(string tower, bool separate)
    {
        var options = Options(LossKind.InBatchSoftmax, tower, separate) with { Workers = 2, Epochs = 5 };
        var whole = await InvariantSpecs.Train(options);
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
        Assert.Equal(whole.Embeddings.Users, resumed.Embeddings.Users);
        Assert.Equal(whole.Embeddings.ItemHistories!, resumed.Embeddings.ItemHistories!);
    }

    [Theory]
    [InlineData("bsp", false, 0)]
    [InlineData("asp", true, 0)]
    [InlineData("ssp:4", false, 3)]
    public async Task Histories_learn_and_every_user_gets_a_vector(string consistency, bool separate, int hotRowsRefresh)
    {
        Assert.True(Consistency.TryParse(consistency, out var model));
        var options = Options(LossKind.InBatchSoftmax, "history", separate) with
        {
            Workers = 4,
            Consistency = model,
            Epochs = 12,
            HotRows = hotRowsRefresh > 0 ? 20 : 0,
            HotRowsRefresh = hotRowsRefresh,
            Prefetch = hotRowsRefresh > 0 ? 1 : 0,
            Optimizer = new OptimizerOptions { LearningRate = 0.02 },
        };

        var data = SmallData.Make() with { UserFeatures = SmallTower.Features(60), ItemFeatures = SmallTower.Features(40) };
        var outcome = await LocalTraining.RunAsync(new TrainingPlan(options, data));

        Assert.True(outcome.LossByEpoch[^1] < outcome.LossByEpoch[0] - 0.15, string.Join(' ', outcome.LossByEpoch));
        Assert.Equal((60 * 9, 40 * 9, 40 * 8),
            (outcome.Embeddings.Users.Length, outcome.Embeddings.Items.Length, outcome.Embeddings.ItemHistories!.Length));
        Assert.All(outcome.Embeddings.Users, value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public async Task A_user_who_was_not_in_train_gets_the_very_vector_of_one_with_the_same_history()
    {
        var all = SmallData.Make();
        var (twin, trained) = (60, 5);
        var mine = Enumerable.Range(0, all.Train.Count).Where(n => all.Train.Users[n] == trained).ToArray();
        var (items, times) = (Array.ConvertAll(mine, n => all.Train.Items[n]), Array.ConvertAll(mine, n => all.Train.Timestamps[n]));
        var data = all with
        {
            Users = new IdCatalogue([.. all.Users.RawIds, "twin", "nobody"]),
            Cold = new ColdUsers([twin], new InteractionLog([.. mine.Select(_ => twin)], items, times), InteractionLog.Empty),
        };
        foreach (var separate in new[] { false, true })
        {
            var options = Options(LossKind.InBatchSoftmax, "history", separate);
            options = options with
            {
                Model = options.Model with
                {
                    PriorStrength = 1,
                    History = options.Model.History with
                    {
                        HalfLife = 3,
                        HalfLifeDays = 5,
                        Attention = separate ? 1 : 0
                    }
                }
            };
            var outcome = await LocalTraining.RunAsync(new TrainingPlan(options, data));
            float[] VectorOf(int user) => outcome.Embeddings.Users[(user * 9)..((user + 1) * 9)];

            Assert.Equal(VectorOf(trained), VectorOf(twin));
            Assert.Equal(VectorOf(trained), new HistoryVectors(outcome.Embeddings, options.Model).VectorOf(items, times));
            Assert.NotEqual(VectorOf(trained), VectorOf(trained + 1));
            Assert.Equal([.. new float[8], 1f], VectorOf(61)); // of whom nothing is known: bias and prior alone
        }
    }

    [Fact]
    public async Task A_run_says_how_many_examples_have_a_history()
    {
        var notices = new List<string>();
        var data = SmallData.Make();
        var options = Options(LossKind.Bpr, "history", separate: false);
        await LocalTraining.RunAsync(new TrainingPlan(options, data),
            new EventCallback(happening => notices.AddRange(happening is TrainingEvent.Notice notice ? [notice.Text] : [])));

        var later = Enumerable.Range(0, data.Train.Count)
            .Count(n => Enumerable.Range(0, data.Train.Count).Where(m => data.Train.Users[m] == data.Train.Users[n] && m <= n)
            .Select(m => data.Train.Timestamps[m]).ToArray() is var times
                && times.Zip(times.Skip(1)).Any(pair => pair.Second - pair.First > 20_000));
        Assert.Contains(FormattableString.Invariant($"{(double)later / data.Train.Count:0.0%} of the train positives have a history"),
            Assert.Single(notices), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Users_who_are_their_histories_have_no_rows()
    {
        var store = new InvariantSpecs.MemoryStore();
        await LocalTraining.RunAsync(new TrainingPlan(Options(LossKind.InBatchSoftmax, "history", separate: true),
            SmallData.Make(), store));

        Assert.Empty(store.Last!.Tensors["user"]);
        Assert.Equal(2 * 40 * 9, store.Last.Tensors["item"].Length);
    }

    [Fact]
    public async Task Where_nobody_comes_back_a_history_is_refused_with_what_to_do()
    {
        var options = Options(LossKind.InBatchSoftmax, "history", separate: false);
        options = options with { Model = options.Model with { History = new HistoryOptions { SessionGap = 2_000_000 } } };

        var refusal = await Assert.ThrowsAsync<TrainingException>(() => InvariantSpecs.Train(options));

        Assert.Contains("lower the gap, or take model.userTower=none", refusal.Message, StringComparison.Ordinal);
    }

    private static TrainingOptions Options(LossKind loss, string tower, bool separate) =>
        InvariantSpecs.Options(loss, OptimizerKind.Adam) with
        {
            Model = new ModelOptions
            {
                Dim = 8,
                ItemBias = loss == LossKind.InBatchSoftmax,
                UserTower = TowerSpec.Parse(tower),
                History = new HistoryOptions { Length = 5, HalfLife = 4, SessionGap = 20_000, SeparateTable = separate },
            },
            Consistency = Consistency.Bsp,
        };
}
