using TwoTower.Actors.Hosting;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Simulation.Time;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;

namespace TwoTower.Tests.Training;

/// <summary>Negatives from the last snapshot's ranking: whoever trains, wherever, and whatever fails, they are the same.</summary>
public class RankedTrainingSpecs
{
    private static readonly TrainingOptions s_options =
        Ranked(InvariantSpecs.Options(LossKind.Bpr, OptimizerKind.Adagrad) with { Consistency = Consistency.Bsp, Workers = 3, Epochs = 4 });

    [Fact]
    public async Task The_first_stretch_draws_any_unseen_item_and_later_ones_draw_from_the_ranking()
    {
        var unseen = s_options with { Loss = s_options.Loss with { Sampling = NegativeSampling.Unseen } };

        var (ranked, plain) = (await InvariantSpecs.Train(s_options), await InvariantSpecs.Train(unseen));

        Assert.Equal(plain.LossByEpoch[0], ranked.LossByEpoch[0]);
        Assert.All(ranked.LossByEpoch.Zip(plain.LossByEpoch).Skip(1),
            losses => Assert.True(losses.First > losses.Second, $"{losses.First} against {losses.Second}: these negatives are not harder"));
    }

    [Fact]
    public async Task Before_the_epoch_of_hard_negatives_nothing_is_drawn_from_the_ranking()
    {
        var late = s_options with { Loss = s_options.Loss with { HardFromEpoch = 3 } };
        var unseen = s_options with { Loss = s_options.Loss with { Sampling = NegativeSampling.Unseen } };

        var (ranked, plain) = (await InvariantSpecs.Train(late), await InvariantSpecs.Train(unseen));

        Assert.Equal(plain.LossByEpoch.Take(2), ranked.LossByEpoch.Take(2));
        Assert.NotEqual(plain.LossByEpoch[2], ranked.LossByEpoch[2]);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(5, 2)]
    public async Task Under_bsp_neither_shards_nor_checkpoints_nor_a_simulated_network_change_a_bit(int everyBatches,
        int epochsPerCheckpoint)
    {
        var options = s_options with { EvaluateEveryBatches = everyBatches };
        var live = await InvariantSpecs.Train(options);
        var sharded = await InvariantSpecs.Train(options with
        {
            Shards = 5,
            Partitioner = PartitionerKind.Range,
            CheckpointEveryEpochs = epochsPerCheckpoint
        });
        var simulated = SimulatedTraining.Run(new TrainingPlan(options, SmallData.Make()),
            new WorldOptions { Network = NetworkOptions.Preset("wan") with { Loss = 0.05, Duplication = 0.1, Reordering = 0.2 } }).Training;

        Assert.Equal(live.ParametersSha256, sharded.ParametersSha256);
        Assert.Equal(live.ParametersSha256, simulated.ParametersSha256);
        Assert.Equal(live.LossByEpoch, simulated.LossByEpoch);
    }

    [Fact]
    public async Task A_ranking_deeper_than_the_catalogue_is_the_whole_of_it()
    {
        var whole = await InvariantSpecs.Train(s_options with
        { Loss = s_options.Loss with { RankingDepth = SmallData.Make().Items.Count } });
        var deeper = await InvariantSpecs.Train(s_options with { Loss = s_options.Loss with { RankingDepth = 500 } });

        Assert.Equal(whole.ParametersSha256, deeper.ParametersSha256);
    }

    [Fact]
    public async Task Asynchronous_workers_that_pull_ahead_conserve_the_epoch()
    {
        var outcome = await InvariantSpecs.Train(s_options with
        {
            Consistency = Consistency.Asp,
            Prefetch = 2,
            Workers = 4,
            BatchSize = 8
        });

        Assert.Equal(s_options.Epochs, outcome.LossByEpoch.Count);
        Assert.All(outcome.Shards, shard => Assert.Equal((SmallData.Make().Train.Count + 7) / 8 * s_options.Epochs, shard.Pushes));
    }

    [Fact]
    public void Whoever_crashes_a_durable_run_the_ranking_survives_to_the_bit()
    {
        var options = s_options with
        {
            Epochs = 12,
            LeaseSeconds = 2,
            RetrySeconds = 0.05,
            Durability = Durability.Checkpoint(3),
            FlushSeconds = 0.01
        };
        var world = new WorldOptions
        {
            Network = NetworkOptions.Preset("lan"),
            Compute = new() { ExamplesPerSecond = 1000, EvaluatedUsersPerSecond = 6000 },
            DetectionSeconds = 0.3
        };
        NodeId[] nodes = [NodeId.Shard(1), NodeId.Trainer, NodeId.Evaluator, NodeId.Worker(0)];

        var whole = SimulatedTraining.Run(new TrainingPlan(options, SmallData.Make()), world);
        var crashes = 0;
        var hit = SimulatedTraining.Run(new TrainingPlan(options, SmallData.Make()), world, prepare: (simulated, time) =>
        {
            for (var n = 0; n < 60; n++)
            {
                var node = nodes[n % nodes.Length];
                time.After(VirtualTime.TicksOf(0.05 + (0.043 * n)), new VirtualCall(() =>
                {
                    crashes++;
                    simulated.Crash(node);
                }));
                time.After(VirtualTime.TicksOf(0.06 + (0.043 * n)), new VirtualCall(() => simulated.Restart(node)));
            }
        });

        Assert.True(crashes >= 40, $"{crashes} crashes");
        Assert.Equal(whole.Training.ParametersSha256, hit.Training.ParametersSha256);
        Assert.Equal(whole.Training.LossByEpoch, hit.Training.LossByEpoch);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public async Task A_run_that_was_interrupted_goes_on_with_the_ranking_that_it_had(int everyBatches)
    {
        var options = s_options with { Workers = 2, Epochs = 6, EvaluateEveryBatches = everyBatches, BatchSize = 16 };
        var whole = await InvariantSpecs.Train(options);
        var store = new InvariantSpecs.MemoryStore();
        using var stop = new CancellationTokenSource();
        var cut = await LocalTraining.RunAsync(new TrainingPlan(options, SmallData.Make(), store), new EventCallback(happening =>
        {
            if (happening is TrainingEvent.EpochDone { Epoch: 2 })
            {
                stop.Cancel();
            }
        }), stop.Token);

        var resumed = await LocalTraining.RunAsync(new TrainingPlan(options, SmallData.Make(), store, store.Last));

        Assert.Equal(StopReason.Interrupted, cut.Reason);
        Assert.NotNull(store.Last!.Ranking);
        Assert.Equal(whole.ParametersSha256, resumed.ParametersSha256);
        Assert.Equal(whole.LossByEpoch, resumed.LossByEpoch);
    }

    internal static TrainingOptions Ranked(TrainingOptions options) =>
        options with
        {
            Loss = options.Loss with
            {
                Kind = LossKind.Bpr,
                Sampling = NegativeSampling.Ranked,
                RankingDepth = 6,
                Negatives = 2
            }
        };
}
