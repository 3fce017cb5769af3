using TwoTower.Actors.Hosting;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Simulation.Sizing;
using TwoTower.Actors.Simulation.Time;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Tests.Training;

namespace TwoTower.Tests.Simulation;

/// <summary>Softsync, backup workers and injected staleness in whole runs.</summary>
public class StalenessSpecs
{
    private static readonly WorldOptions s_unreliable = new()
    {
        Network = NetworkOptions.Preset("cloud") with { Loss = 0.03, Duplication = 0.05, Reordering = 0.2 },
        Compute = new() { ExamplesPerSecond = 1000, Factor = Distribution.Parse("pareto:1:1.5") },
        DetectionSeconds = 0.3,
    };

    private static TrainingOptions Options => InvariantSpecs.Options(LossKind.Bpr, OptimizerKind.Adagrad) with
    { LeaseSeconds = 5, RetrySeconds = 0.5 };

    /// <summary>Zhang, Gupta, Lian and Liu 2015, section 5.1: 30 workers, the mean staleness of n-softsync is about
    /// n, and next to none is above 2n.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(15)]
    [InlineData(30)]
    public void The_staleness_of_softsync_n_is_about_n_updates_of_the_weights(int n)
    {
        var data = SmallData.Make(users: 300, items: 80, perUser: 25);
        var options = Options with
        {
            Workers = 30,
            Shards = 1,
            Consistency = Consistency.Softsync(n),
            BatchSize = 2,
            Epochs = 1,
            Model = new ModelOptions { Dim = 2 },
            LeaseSeconds = 60,
            RetrySeconds = 10,
        };
        var world = new WorldOptions
        {
            Network = NetworkOptions.Preset("lan"),
            Compute = new() { ExamplesPerSecond = 100, Factor = Distribution.Parse("gamma:1:0.1") }
        };

        var staleness = SimulatedTraining.Run(new TrainingPlan(options, data), world).Training.Staleness;

        var pushes = (double)staleness.Versions.Sum();
        var mean = staleness.Versions.Select((count, tau) => (double)count * tau).Sum() / pushes;
        Assert.Equal(mean, staleness.MeanVersions, 1e-9);
        Assert.InRange(mean, 0.85 * n, 1.1 * n);
        Assert.True(staleness.Versions.Skip((2 * n) + 1).Sum() / pushes < 1e-3, $"beyond {2 * n}: {string.Join(' ', staleness.Versions)}");
    }

    [Theory]
    [InlineData("softsync:2", "none")]
    [InlineData("asp", "uniform:3")]
    [InlineData("bsp", "geometric:0.5")]
    public void Lost_doubled_and_late_messages_and_crashes_change_nothing_that_is_counted_and_one_seed_repeats(string consistency,
        string injection)
    {
        var options = Apply(Options with { Workers = 5 }, consistency, injection);

        var first = Hit(options);
        var second = Hit(options);

        Assert.Equal(first.ParametersSha256, second.ParametersSha256);
        Assert.All(first.Shards, shard => Assert.Equal(new EpochPlan(SmallData.Make().Train.Count, options).TotalBatches, shard.Pushes));
        Assert.Equal(options.Epochs, first.LossByEpoch.Count);
        Assert.True(first.Staleness.Mean > 0);
    }

    [Theory]
    [InlineData("asp", "none", 0)]
    [InlineData("softsync:1", "none", 0)]
    [InlineData("softsync:2", "uniform:2", 0)]
    [InlineData("bsp", "none", 2)]
    public void Whoever_crashes_a_durable_run_nothing_is_lost_or_done_twice(string consistency, string injection, int backups)
    {
        var options = Apply(Options with
        {
            Workers = 6,
            BackupWorkers = backups,
            Durability = Durability.Checkpoint(3),
            FlushSeconds = 0.01,
            LeaseSeconds = 2,
            RetrySeconds = 0.2
        }, consistency, injection);

        var world = s_unreliable with
        {
            StallSeconds = 60,
            Network = NetworkOptions.Preset("lan"),
            Compute = s_unreliable.Compute with
            { EvaluatedUsersPerSecond = 300 }
        };
        NodeId[] nodes = [NodeId.Shard(0), NodeId.Trainer, NodeId.Shard(1), NodeId.Worker(1), NodeId.Evaluator];
        var crashes = 0;

        var outcome = SimulatedTraining.Run(new TrainingPlan(options, SmallData.Make()), world, prepare: (simulated, time) =>
        {
            for (var n = 0; n < 25; n++)
            {
                var node = nodes[n % nodes.Length];
                time.After(VirtualTime.TicksOf(0.03 + (0.0419 * n)), new VirtualCall(() =>
                {
                    crashes++;
                    simulated.Crash(node);
                }));
                time.After(VirtualTime.TicksOf(0.06 + (0.0419 * n)), new VirtualCall(() => simulated.Restart(node)));
            }
        }).Training;

        Assert.True(crashes > 10, $"{crashes} crashes");
        Assert.All(outcome.Shards, shard => Assert.Equal(new EpochPlan(SmallData.Make().Train.Count, options).TotalBatches, shard.Pushes));
        Assert.Equal(options.Epochs, outcome.LossByEpoch.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Backup_workers_train_every_batch_once_over_lost_messages_and_crashes(int prefetch)
    {
        var options = Options with { Workers = 6, BackupWorkers = 2, Consistency = Consistency.Bsp, Prefetch = prefetch };

        var outcome = Hit(options);

        Assert.All(outcome.Shards, shard => Assert.Equal(new EpochPlan(SmallData.Make().Train.Count, options).TotalBatches, shard.Pushes));
        Assert.Equal(options.Epochs, outcome.LossByEpoch.Count);
        Assert.True(outcome.Staleness.LateBatches > 0);
        Assert.Equal((0L, 0.0), (outcome.Staleness.BoundViolations, outcome.Staleness.Mean));
        Assert.Equal(outcome.ParametersSha256, Hit(options).ParametersSha256);
    }

    /// <summary>Chen et al. 2016: waiting for the first 16 of 20 instead of for all of 16 takes the tail off a round.</summary>
    [Fact]
    public void Backup_workers_shorten_the_rounds_of_stragglers()
    {
        var options = Options with { Consistency = Consistency.Bsp, BatchSize = 4, Epochs = 4, LeaseSeconds = 1000, RetrySeconds = 10 };
        var world = new WorldOptions
        {
            Network = NetworkOptions.Preset("lan"),
            Compute = new() { ExamplesPerSecond = 100, Factor = Distribution.Parse("pareto:1:1.5") }
        };

        var without = SimulatedTrainingSpecs.Simulate(options with { Workers = 16 }, world);
        var with = SimulatedTrainingSpecs.Simulate(options with { Workers = 20, BackupWorkers = 4 }, world);

        Assert.True(with.VirtualSeconds < 0.6 * without.VirtualSeconds,
            $"{with.VirtualSeconds:0.0} s with, {without.VirtualSeconds:0.0} s without");
        Assert.Equal(without.Training.LossByEpoch[^1], with.Training.LossByEpoch[^1], 0.05);
    }

    [Fact]
    public async Task Under_bsp_injected_staleness_is_the_same_live_and_simulated_and_for_any_number_of_shards()
    {
        var options = Apply(Options with { Workers = 4 }, "bsp", "uniform:4");

        var live = await InvariantSpecs.Train(options);
        var sharded = await InvariantSpecs.Train(options with { Shards = 5, Partitioner = PartitionerKind.Modulo });
        var simulated = SimulatedTrainingSpecs.Simulate(options, new WorldOptions
        {
            Network = NetworkOptions.Preset("cloud"),
            Compute = s_unreliable.Compute
        }).Training;
        var none = await InvariantSpecs.Train(options with { StalenessInjection = StalenessInjection.None });

        Assert.Single(new[] { live.ParametersSha256, sharded.ParametersSha256, simulated.ParametersSha256 }.Distinct());
        Assert.NotEqual(none.ParametersSha256, live.ParametersSha256);
        Assert.True(live.Staleness.Mean > 1);
    }

    [Theory]
    [InlineData("constant:0")]
    [InlineData("uniform:0")]
    [InlineData("geometric:1")]
    public void Nothing_held_back_trains_what_no_injection_trains_to_the_bit(string injection)
    {
        var options = Apply(Options with { Workers = 4 }, "asp", "none");
        var world = new WorldOptions { Network = NetworkOptions.Preset("wan") };

        Assert.Equal(
            SimulatedTrainingSpecs.Simulate(options, world).Training.ParametersSha256,
            SimulatedTrainingSpecs.Simulate(Apply(options, "asp", injection), world).Training.ParametersSha256);
    }

    [Fact]
    public void The_measured_staleness_of_one_worker_is_the_injected_one()
    {
        var options = Apply(Options with { Workers = 1, Shards = 1 }, "asp", "constant:6");

        var versions = SimulatedTrainingSpecs.Simulate(options, new WorldOptions()).Training.Staleness.Versions;

        // The first six batches had less to miss; evaluations in between have cut nothing short.
        var batches = new EpochPlan(SmallData.Make().Train.Count, options).TotalBatches;
        Assert.Equal([1, 1, 1, 1, 1, 1, batches - 6], versions);
    }

    [Fact]
    public async Task An_interrupted_run_with_delays_and_a_policy_goes_on_exactly()
    {
        var options =
            Apply(Options with
            {
                Workers = 2,
                Epochs = 5,
                Optimizer = new OptimizerOptions
                {
                    Kind = OptimizerKind.Momentum,
                    LearningRate = 0.05
                }
            }, "bsp", "uniform:2");
        foreach (var policy in new[] { "delay-compensation", "gap-aware" })
        {
            Assert.True(options.StalenessPolicy.TryParse(policy, out var parsed));
            options = options with { StalenessPolicy = parsed };
            var store = new Store();
            var whole = await LocalTraining.RunAsync(new TrainingPlan(options, SmallData.Make(), new Store()));
            using var stop = new CancellationTokenSource();
            var cut = await LocalTraining.RunAsync(new TrainingPlan(options, SmallData.Make(), store), new StopAfter(2, stop), stop.Token);
            var resumed = await LocalTraining.RunAsync(new TrainingPlan(options, SmallData.Make(), store, store.Last));

            Assert.Equal((StopReason.Interrupted, 2), (cut.Reason, cut.LossByEpoch.Count));
            Assert.Equal(whole.ParametersSha256, resumed.ParametersSha256);
        }
    }

    [Theory]
    [InlineData("bsp", "none", 4, "train.backupWorkers")]
    [InlineData("asp", "none", 1, "are for bsp")]
    [InlineData("softsync:5", "none", 0, "softsync:4 or less")]
    public void What_cannot_be_is_refused_with_the_reason(string consistency, string injection, int backups, string reason)
    {
        var options = Apply(Options with { Workers = 4, BackupWorkers = backups }, consistency, injection);

        Assert.Contains(reason, Assert.Throws<TrainingException>(() => new TrainingRun(new TrainingPlan(options, SmallData.Make())))
            .Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("delay-compensation")]
    [InlineData("gap-aware")]
    public void A_policy_that_compares_rows_is_refused_where_workers_read_copies_or_rows_have_no_values(string policy)
    {
        Assert.True(new StalenessPolicyOptions().TryParse(policy, out var parsed));
        var options = Options with { StalenessPolicy = parsed, Partitioner = PartitionerKind.Hash };

        var copies = Assert.Throws<TrainingException>(() =>
            new TrainingRun(new TrainingPlan(options with { HotRows = 5, HotRowsRefresh = 1 }, SmallData.Make())));
        var counted = Assert.Throws<WorldException>(() => new SizedModel { Users = 100, Items = 100, Examples = 1000 }.Check(options));

        Assert.Contains("train.hotRows", copies.Message, StringComparison.Ordinal);
        Assert.Contains("need values", counted.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Views_that_cannot_fit_into_memory_are_refused_with_their_size()
    {
        var options = Apply(Options with { Workers = 1_000_000, Model = new ModelOptions { Dim = 4096 } }, "asp", "uniform:4");

        var refusal = Assert.Throws<TrainingException>(() => new TrainingRun(new TrainingPlan(options, SmallData.Make())));

        // 100 rows · (4096 floats + a version) · 4 bytes · a million
        Assert.Contains("1638.8 GB", refusal.Message, StringComparison.Ordinal);
    }

    private static TrainingOptions Apply(TrainingOptions options, string consistency, string injection)
    {
        Assert.True(Consistency.TryParse(consistency, out var model));
        Assert.True(StalenessInjection.TryParse(injection, out var injected));
        return options with { Consistency = model, StalenessInjection = injected };
    }

    /// <summary>A run in an unreliable network in which workers crash and come back.</summary>
    private static TrainingOutcome Hit(TrainingOptions options) =>
        SimulatedTraining.Run(new TrainingPlan(options, SmallData.Make()), s_unreliable, prepare: (world, time) =>
        {
            for (var n = 0; n < 8; n++)
            {
                var worker = NodeId.Worker(n % options.Workers);
                time.After(VirtualTime.TicksOf(0.05 + (0.0371 * n)), new VirtualCall(() => world.Crash(worker)));
                time.After(VirtualTime.TicksOf(0.5 + (0.05 * n)), new VirtualCall(() => world.Restart(worker)));
            }
        }).Training;

    private sealed class Store : ICheckpointStore
    {
        public TrainingCheckpoint? Last { get; private set; }

        public void Save(TrainingCheckpoint checkpoint) => Last = checkpoint;
    }

    private sealed class StopAfter(int epoch, CancellationTokenSource stop) : IProgress<TrainingEvent>
    {
        public void Report(TrainingEvent value)
        {
            if (value is TrainingEvent.EpochDone done && done.Epoch == epoch)
            {
                stop.Cancel();
            }
        }
    }
}
