using TwoTower.Actors.Hosting;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;

namespace TwoTower.Tests.Training;

/// <summary>The invariants of the design that a whole run has to keep.</summary>
public class InvariantSpecs
{
    public static TheoryData<LossKind, OptimizerKind> Recipes => new()
    {
        { LossKind.Bpr, OptimizerKind.Adagrad },
        { LossKind.InBatchSoftmax, OptimizerKind.Adam },
        { LossKind.Bpr, OptimizerKind.RowwiseAdagrad },
        { LossKind.SampledSoftmax, OptimizerKind.Sgd },
    };

    [Theory]
    [MemberData(nameof(Recipes))]
    public async Task Sharding_is_invisible_under_bsp(LossKind loss, OptimizerKind optimizer)
    {
        var options = Options(loss, optimizer) with { Workers = 3, Consistency = Consistency.Bsp };
        var hashes = new List<string>();
        foreach (var shards in new[] { 1, 3, 4, 16 })
        {
            foreach (var partitioner in Enum.GetValues<PartitionerKind>())
            {
                hashes.Add((await Train(options with { Shards = shards, Partitioner = partitioner })).ParametersSha256);
            }
        }

        Assert.Single(hashes.Distinct());
    }

    [Theory]
    [MemberData(nameof(Recipes))]
    public async Task Bsp_is_repeatable_to_the_bit_and_measures_no_staleness(LossKind loss, OptimizerKind optimizer)
    {
        var options = Options(loss, optimizer) with { Workers = 4, Shards = 3, Consistency = Consistency.Bsp };

        var first = await Train(options);
        var second = await Train(options);

        Assert.Equal(first.ParametersSha256, second.ParametersSha256);
        Assert.Equal(first.LossByEpoch, second.LossByEpoch);
        Assert.Equal(first.Evaluations.Select(report => report.Masked.Mean("recall@10")),
            second.Evaluations.Select(report => report.Masked.Mean("recall@10")));
        Assert.Equal((0, 0, 0L), (first.Staleness.Mean, first.Staleness.Max, first.Staleness.BoundViolations));
    }

    [Theory]
    [InlineData(OptimizerKind.Sgd)]
    [InlineData(OptimizerKind.Adagrad)]
    public async Task Workers_add_up_to_one_worker_with_their_batches_together(OptimizerKind optimizer)
    {
        var options = Options(LossKind.Bpr, optimizer) with { Consistency = Consistency.Bsp };

        var four = await Train(options with { Workers = 4, BatchSize = 16 });
        var one = await Train(options with { Workers = 1, BatchSize = 64 });

        for (var n = 0; n < one.Embeddings.Users.Length; n++)
        {
            Assert.Equal(one.Embeddings.Users[n], four.Embeddings.Users[n], 1e-5f);
        }

        for (var n = 0; n < one.Embeddings.Items.Length; n++)
        {
            Assert.Equal(one.Embeddings.Items[n], four.Embeddings.Items[n], 1e-5f);
        }

        Assert.Equal(one.LossByEpoch[^1], four.LossByEpoch[^1], 1e-5);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task A_batch_divided_over_any_number_of_workers_trains_the_same_model(int workers)
    {
        var options = Options(LossKind.Bpr, OptimizerKind.Adagrad) with
        { Consistency = Consistency.Bsp, BatchSize = 50, BatchPer = BatchScope.Clock };

        var one = await Train(options with { Workers = 1 });
        var many = await Train(options with { Workers = workers });

        for (var n = 0; n < one.Embeddings.Items.Length; n++)
        {
            Assert.Equal(one.Embeddings.Items[n], many.Embeddings.Items[n], 1e-5f);
        }

        Assert.Equal(one.LossByEpoch[^1], many.LossByEpoch[^1], 1e-5);
    }

    [Theory]
    [InlineData("ssp:1", 0)]
    [InlineData("ssp:3", 2)]
    public async Task The_measured_clock_distance_stays_within_the_ssp_bound(string consistency, int prefetch)
    {
        Assert.True(Consistency.TryParse(consistency, out var model));

        var outcome = await Train(Options(LossKind.Bpr, OptimizerKind.Adagrad) with
        {
            Workers = 4,
            Consistency = model,
            Prefetch = prefetch,
            BatchSize = 8
        });

        Assert.Equal(0, outcome.Staleness.BoundViolations);
        Assert.True(outcome.Staleness.MaxClocks <= model.Bound, $"{outcome.Staleness.MaxClocks} clocks");
    }

    [Theory]
    [InlineData("bsp")]
    [InlineData("ssp:2")]
    [InlineData("asp")]
    public async Task Every_batch_reaches_every_shard_once_and_every_example_counts_once_per_epoch(string consistency)
    {
        Assert.True(Consistency.TryParse(consistency, out var model));
        var options = Options(LossKind.Bpr, OptimizerKind.Sgd) with { Workers = 3, Consistency = model };

        var outcome = await Train(options);

        var batches = (SmallData.Make().Train.Count + options.BatchSize - 1) / options.BatchSize * options.Epochs;
        Assert.All(outcome.Shards, shard => Assert.Equal(batches, shard.Pushes));
        Assert.Equal(options.Epochs, outcome.LossByEpoch.Count);
    }

    [Theory]
    [InlineData(OptimizerKind.Adam)]
    [InlineData(OptimizerKind.RowwiseAdagrad)]
    public async Task A_run_that_was_interrupted_goes_on_exactly(OptimizerKind optimizer)
    {
        var options = Options(LossKind.InBatchSoftmax, optimizer) with
        {
            Workers = 2,
            Consistency = Consistency.Bsp,
            Epochs = 6,
            EvaluateEveryBatches = 7
        };
        var whole = await Train(options);
        var store = new MemoryStore();
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
        Assert.True(cut.LossByEpoch.Count < 6);
        Assert.Equal(whole.ParametersSha256, resumed.ParametersSha256);
        Assert.Equal(whole.LossByEpoch, resumed.LossByEpoch);
        Assert.Equal(whole.Best!.Step, resumed.Best!.Step);
        Assert.Equal(whole.Embeddings.Users, resumed.Embeddings.Users);
    }

    [Fact]
    public async Task Early_stopping_is_repeatable_although_training_goes_on_while_it_scores()
    {
        var options = Options(LossKind.Bpr, OptimizerKind.Adagrad) with
        {
            Workers = 2,
            Consistency = Consistency.Bsp,
            Epochs = 60,
            Patience = 1
        };

        var first = await Train(options);
        var second = await Train(options);

        Assert.Equal(StopReason.EarlyStopped, first.Reason);
        Assert.Equal(first.LossByEpoch.Count, second.LossByEpoch.Count);
        Assert.Equal(first.ParametersSha256, second.ParametersSha256);
    }

    [Fact]
    public async Task An_early_stopped_run_that_is_resumed_trains_no_further()
    {
        var options = Options(LossKind.Bpr, OptimizerKind.Adagrad) with
        {
            Workers = 2,
            Consistency = Consistency.Bsp,
            Epochs = 60,
            Patience = 1
        };
        var store = new MemoryStore();
        var stopped = await LocalTraining.RunAsync(new TrainingPlan(options, SmallData.Make(), store));

        var resumed = await LocalTraining.RunAsync(new TrainingPlan(options, SmallData.Make(), store, store.Last));

        Assert.Equal((StopReason.EarlyStopped, StopReason.EarlyStopped), (stopped.Reason, resumed.Reason));
        Assert.Equal(stopped.ParametersSha256, resumed.ParametersSha256);
        Assert.Equal(stopped.LossByEpoch, resumed.LossByEpoch);
    }

    [Fact]
    public async Task A_loss_that_is_no_number_ends_the_run_with_a_sentence()
    {
        var options = Options(LossKind.Bpr, OptimizerKind.Sgd) with
        {
            Model = new ModelOptions { Dim = 8, Normalise = false },
            Optimizer = new OptimizerOptions { Kind = OptimizerKind.Sgd, LearningRate = 1e38 }
        };

        var failure = await Assert.ThrowsAsync<TrainingException>(() => Train(options));

        Assert.Contains("finite", failure.Message, StringComparison.Ordinal);
    }

    internal static TrainingOptions Options(LossKind loss, OptimizerKind optimizer) => new()
    {
        Model = new ModelOptions { Dim = 8 },
        Loss = new LossOptions { Kind = loss, Sampling = NegativeSampling.Uniform },
        Optimizer = new OptimizerOptions { Kind = optimizer, LearningRate = 0.05 },
        BatchSize = 32,
        Epochs = 3,
        Patience = 0,
        Cutoffs = [5, 10],
        Shards = 2,
    };

    internal static Task<TrainingOutcome> Train(TrainingOptions options) =>
        LocalTraining.RunAsync(new TrainingPlan(options, SmallData.Make()));

    internal sealed class MemoryStore : ICheckpointStore
    {
        public TrainingCheckpoint? Last { get; private set; }

        public void Save(TrainingCheckpoint checkpoint) => Last = checkpoint;
    }
}
