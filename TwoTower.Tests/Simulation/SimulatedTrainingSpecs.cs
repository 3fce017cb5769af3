using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Simulation.Time;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Tests.Training;

namespace TwoTower.Tests.Simulation;

/// <summary>The same actors under virtual time train the same model, and do so the same way every time.</summary>
public class SimulatedTrainingSpecs
{
    private static TrainingOptions Options => InvariantSpecs.Options(LossKind.Bpr, OptimizerKind.Adagrad);

    [Theory]
    [InlineData("ssp:2")]
    [InlineData("asp")]
    public async Task One_worker_in_an_idle_network_trains_what_it_trains_live_to_the_bit(string consistency)
    {
        Assert.True(Consistency.TryParse(consistency, out var model));
        var options = Options with { Workers = 1, Consistency = model, Shards = 3 };

        var live = await InvariantSpecs.Train(options);
        var simulated = Simulate(options, new WorldOptions { Network = NetworkOptions.Preset("ideal") }).Training;

        Assert.Equal(live.ParametersSha256, simulated.ParametersSha256);
        Assert.Equal(live.LossByEpoch, simulated.LossByEpoch);
    }

    [Theory]
    [InlineData("ideal")]
    [InlineData("wan")]
    public async Task Under_bsp_many_workers_in_any_network_train_what_they_train_live_to_the_bit(string network)
    {
        var options = Options with { Workers = 5, Consistency = Consistency.Bsp, Shards = 3 };

        var live = await InvariantSpecs.Train(options);
        var simulated = Simulate(options, new WorldOptions { Network = NetworkOptions.Preset(network) }).Training;

        Assert.Equal(live.ParametersSha256, simulated.ParametersSha256);
    }

    [Theory]
    [InlineData("ssp:3")]
    [InlineData("asp")]
    public void Asynchronous_runs_repeat_to_the_bit_with_one_seed_and_differ_with_another(string consistency)
    {
        Assert.True(Consistency.TryParse(consistency, out var model));
        var options = Options with { Workers = 8, Consistency = model, Prefetch = 1 };
        var world = new WorldOptions
        {
            Network = NetworkOptions.Preset("wan") with { Duplication = 0.05, Reordering = 0.2, Loss = 0.02 },
            Compute = new() { Factor = Distribution.Parse("lognormal:1:0.5") },
        };

        var first = Simulate(options, world);
        var second = Simulate(options, world);
        var other = Simulate(options, world with { Seed = 2 });

        Assert.Equal(first.Training.ParametersSha256, second.Training.ParametersSha256);
        Assert.Equal((first.VirtualSeconds, first.Events), (second.VirtualSeconds, second.Events));
        Assert.NotEqual(first.Training.ParametersSha256, other.Training.ParametersSha256);
        Assert.True(first.Training.Staleness.Mean > 0);
        Assert.Equal(0, first.Training.Staleness.BoundViolations);
    }

    [Fact]
    public void A_crashed_worker_that_comes_back_costs_no_batch_and_under_bsp_no_bit()
    {
        var options = Options with { Workers = 4, Consistency = Consistency.Bsp, LeaseSeconds = 2, RetrySeconds = 0.5, Epochs = 4 };
        var world = new WorldOptions
        {
            Network = NetworkOptions.Preset("lan"),
            Compute = new() { ExamplesPerSecond = 1000 },
            DetectionSeconds = 0.3
        };

        var whole = Simulate(options, world);
        var hit = SimulatedTraining.Run(new TrainingPlan(options, SmallData.Make()), world, prepare: (simulated, time) =>
        {
            for (var n = 0; n < 12; n++)
            {
                var worker = NodeId.Worker(n % 4);
                time.After(VirtualTime.TicksOf(0.05 + (0.0371 * n)), new VirtualCall(() => simulated.Crash(worker)));
                time.After(VirtualTime.TicksOf(0.5 + (0.05 * n)), new VirtualCall(() => simulated.Restart(worker)));
            }
        });

        Assert.Equal(whole.Training.ParametersSha256, hit.Training.ParametersSha256);
        Assert.True(hit.VirtualSeconds > whole.VirtualSeconds);
    }

    [Theory]
    [InlineData("shard-1")]
    [InlineData("trainer")]
    [InlineData("evaluator")]
    [InlineData("shard-0 shard-1 trainer evaluator worker-0 worker-1 worker-2 worker-3")]
    public void Whoever_crashes_a_durable_run_loses_no_acknowledged_push_and_under_bsp_no_bit(string nodes)
    {
        var options = Options with
        {
            Workers = 4,
            Consistency = Consistency.Bsp,
            LeaseSeconds = 2,
            RetrySeconds = 0.2,
            Epochs = 4,
            Durability = Durability.Checkpoint(3),
            FlushSeconds = 0.01
        };
        var world = new WorldOptions
        {
            Network = NetworkOptions.Preset("lan"),
            Compute = new() { ExamplesPerSecond = 1000, EvaluatedUsersPerSecond = 300 },
            DetectionSeconds = 0.3
        };

        var whole = Simulate(options, world);
        var crashes = 0;
        var hit = SimulatedTraining.Run(new TrainingPlan(options, SmallData.Make()), world, prepare: (simulated, time) =>
        {
            for (var n = 0; n < 7; n++)
            {
                foreach (var (name, place) in nodes.Split(' ').Select((name, place) => (name, place)))
                {
                    Assert.True(NodeId.TryParse(name, out var node));
                    time.After(VirtualTime.TicksOf(0.02 + (0.09 * n) + (0.011 * place)), new VirtualCall(() =>
                    {
                        crashes++;
                        simulated.Crash(node);
                    }));
                    time.After(VirtualTime.TicksOf(0.05 + (0.09 * n) + (0.011 * place)), new VirtualCall(() => simulated.Restart(node)));
                }
            }
        });

        Assert.True(crashes >= 7);
        Assert.Equal(whole.Training.ParametersSha256, hit.Training.ParametersSha256);
        Assert.Equal(whole.Training.LossByEpoch, hit.Training.LossByEpoch);
        Assert.Equal(whole.Training.Best!.Masked.Mean("recall@10"), hit.Training.Best!.Masked.Mean("recall@10"));
    }

    [Fact]
    public void A_shard_that_crashes_without_durability_ends_the_run_with_what_was_lost()
    {
        var options = Options with { Workers = 2, Consistency = Consistency.Asp, RetrySeconds = 0.2, LeaseSeconds = 2 };

        var lost = Assert.Throws<TrainingException>(() => SimulatedTraining.Run(
            new TrainingPlan(options, SmallData.Make()), new WorldOptions { Compute = new() { ExamplesPerSecond = 1000 } },
            prepare: (simulated, time) =>
            {
                time.After(VirtualTime.TicksOf(0.3), new VirtualCall(() => simulated.Crash(NodeId.Shard(1))));
                time.After(VirtualTime.TicksOf(0.4), new VirtualCall(() => simulated.Restart(NodeId.Shard(1))));
            }));

        Assert.Contains("shard-1 was started again and has lost pushes", lost.Message, StringComparison.Ordinal);
        Assert.Contains("durability is none", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_can_make_no_progress_ends_and_says_who_waits_for_whom()
    {
        var options = Options with { Workers = 2, Consistency = Consistency.Asp };

        var stuck = Assert.Throws<WorldException>(() => SimulatedTraining.Run(
            new TrainingPlan(options, SmallData.Make()), new WorldOptions { StallSeconds = 100 },
            prepare: (simulated, time) => time.After(0, new VirtualCall(() => simulated.Crash(NodeId.Shard(1))))));

        Assert.Contains("Down: shard-1", stuck.Message, StringComparison.Ordinal);
        Assert.Contains("waits for shard-1", stuck.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_time_limit_ends_the_run_cleanly_in_virtual_time()
    {
        var outcome = Simulate(Options with { Workers = 2, Epochs = 1000 },
            new WorldOptions { TimeLimitSeconds = 0.5, Compute = new() { ExamplesPerSecond = 1000 } });

        Assert.True(outcome.TimedOut);
        Assert.Equal(StopReason.Interrupted, outcome.Training.Reason);
        Assert.InRange(outcome.VirtualSeconds, 0.5, 1);
    }

    internal static SimulationOutcome Simulate(TrainingOptions options, WorldOptions world) =>
        SimulatedTraining.Run(new TrainingPlan(options, SmallData.Make()), world);
}
