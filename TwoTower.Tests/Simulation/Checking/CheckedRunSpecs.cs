using TwoTower.Actors.Hosting;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Checking;
using TwoTower.Actors.Simulation.Faults;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Simulation.Time;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;
using TwoTower.Model;
using TwoTower.Model.Data;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Tests.Training;
using Xunit.Abstractions;

namespace TwoTower.Tests.Simulation.Checking;

/// <summary>Whole runs under the checkers: silent where all is well, whatever the network and the machines
/// do; heard where something is not.</summary>
public class CheckedRunSpecs(ITestOutputHelper output)
{
    private const int Seeds = 40;
    private static readonly RecommenderData Data = SmallData.Make();

    private static TrainingOptions Options => InvariantSpecs.Options(LossKind.Bpr, OptimizerKind.Adagrad);

    [Fact]
    public void Small_worlds_with_random_faults_violate_nothing_and_under_bsp_train_the_same_model_to_the_bit()
    {
        var faultFree = new Dictionary<(int Workers, int Batch), string>();
        var (crashes, fences) = (0L, 0L);
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var (options, world) = RandomWorld(seed);
            var counter = new Counter();
            SimulationOutcome outcome;
            try
            {
                outcome = SimulatedTraining.Run(new TrainingPlan(options, Data), world, [counter]);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException(
                    $"Fuzz seed {seed} ({options.Consistency}, {options.Workers} workers, {options.Shards} shards, {options.Durability}, "
                    + $"prefetch {options.Prefetch}; {world.Faults}): {failure.Message}", failure);
            }

            crashes += counter.Crashes;
            fences += counter.Fences;
            Assert.Equal(options.Epochs, outcome.Training.LossByEpoch.Count);
            Assert.All(outcome.Training.Shards, shard => Assert.Equal(Batches(options), shard.Pushes));
            if (options.Consistency == Consistency.Bsp)
            {
                var key = (options.Workers, options.BatchSize);
                if (!faultFree.TryGetValue(key, out var expected))
                {
                    faultFree.Add(key, expected = SimulatedTraining.Run(
                        new TrainingPlan(options with { Shards = 1, Prefetch = 0 }, Data), new WorldOptions { Network = new() })
                            .Training.ParametersSha256);
                }

                Assert.True(expected == outcome.Training.ParametersSha256,
                    $"Fuzz seed {seed} trains another model under BSP than without faults.");
            }
        }

        output.WriteLine($"{crashes} crashes, {fences} lives fenced off");
        Assert.True(crashes > Seeds && fences > Seeds, $"The worlds are too kind: {crashes} crashes, {fences} fences.");
    }

    [Fact]
    public void No_ticket_comes_again_after_a_worker_was_started_again_so_late_rows_are_known_as_such()
    {
        var options = Options with { Workers = 2, Consistency = Consistency.Asp, LeaseSeconds = 1, RetrySeconds = 0.2 };
        var tickets = new Tickets();

        SimulatedTraining.Run(new TrainingPlan(options, Data), Rough(3), [tickets]);

        Assert.True(tickets.Restarts > 3);
        Assert.Empty(tickets.Reused);
    }

    [Theory]
    [InlineData("bsp")]
    [InlineData("ssp:2")]
    [InlineData("asp")]
    public void A_run_with_faults_replays_event_by_event(string consistency)
    {
        Assert.True(Consistency.TryParse(consistency, out var model));
        var options = Options with { Workers = 3, Consistency = model, Epochs = 1, LeaseSeconds = 1, RetrySeconds = 0.2 };
        var world = Rough(5);

        var (outcome, hash) = ReplayCheck.Run(5, Run(world), Run(world));

        Assert.NotEqual(0UL, hash);
        Assert.True(outcome.VirtualSeconds > 0);
        var found = Assert.Throws<ViolationException>(() => ReplayCheck.Run(5, Run(world), Run(world with { Seed = 6 })));
        Assert.Contains("of the second run is", found.Message, StringComparison.Ordinal);

        Func<IWorldObserver, SimulationOutcome> Run(WorldOptions world) =>
            observer => SimulatedTraining.Run(new TrainingPlan(options, Data), world, [observer]);
    }

    [Fact]
    public void Workers_add_up_and_where_they_do_not_it_is_found()
    {
        var world = new WorldOptions { Network = NetworkOptions.Preset("lan") };
        var one = new TrainingPlan(Options with { Workers = 1, BatchSize = 48, Consistency = Consistency.Bsp }, Data);
        var four = new TrainingPlan(Options with { Workers = 4, BatchSize = 12, Consistency = Consistency.Bsp }, Data);
        var other = new TrainingPlan(four.Options with { BatchSize = 11 }, Data);

        Assert.InRange(InvarianceCheck.Run("workers add up", one, four, world, 1e-5), 0, 1e-5);
        Assert.Equal("workers add up",
            Assert.Throws<ViolationException>(() => InvarianceCheck.Run("workers add up", one, other, world, 1e-5)).Invariant);
    }

    [Fact]
    public void A_shard_that_crashes_after_a_write_was_lost_is_found_to_have_lost_what_it_had_acknowledged()
    {
        var options = Options with
        {
            Workers = 2,
            Consistency = Consistency.Asp,
            RetrySeconds = 0.2,
            LeaseSeconds = 2,
            Durability = Durability.Checkpoint(1),
            FlushSeconds = 0.01
        };
        var world = new WorldOptions { Compute = new() { ExamplesPerSecond = 1000 }, DetectionSeconds = 0.1 };
        var lossless = world with { Faults = FaultPlan.Parse("at 0.3 crash shard-1 restart 0.05") };
        var plan = new TrainingPlan(options, Data);

        Assert.Equal(StopReason.Finished, SimulatedTraining.Run(plan, lossless).Training.Reason);
        var found = Assert.Throws<ViolationException>(() => SimulatedTraining.Run(plan, world with
        {
            // Every write of the last tenth of a second before the crash.
            Faults = FaultPlan.Parse(string.Join('\n', Enumerable.Range(0, 40).Select(_ => "at 0.2 lose-write shard-1")
                .Append(lossless.Faults.ToString()))),
        }));

        Assert.Contains("shard-1", found.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_that_breaks_an_invariant_ends_the_run_there_and_without_checks_it_does_not()
    {
        var options = Options with { Workers = 2, Consistency = Consistency.Asp };
        var world = new WorldOptions { Seed = 11, Network = NetworkOptions.Preset("lan"), Compute = new() { ExamplesPerSecond = 1000 } };

        var found = Assert.Throws<ViolationException>(() => SimulatedTraining.Run(new TrainingPlan(options, Data), world, prepare: Plant));

        Assert.Equal(11, found.Seed);
        Assert.Equal(0.1, found.VirtualSeconds, 1e-9);
        Assert.NotNull(found.EventNumber);
        Assert.Equal(StopReason.Finished, SimulatedTraining.Run(new TrainingPlan(options, Data), world with { Checks = false },
            prepare: Plant).Training.Reason);

        static void Plant(IWorld world, VirtualTime time) => time.After(VirtualTime.TicksOf(0.1), new VirtualCall(() =>
            ((SimulatedWorld)world).Link(NodeId.Shard(0), NodeId.Worker(0))
                .Tell(new ParameterProtocol.PushAck(new ShardId(0), new WorkerId(0), new BatchId(9999), 0, 0, 1),
                Akka.Actor.ActorRefs.NoSender)));
    }

    [Fact]
    public void A_checker_that_watches_a_resumed_run_knows_what_was_done_before()
    {
        var options = Options with { Workers = 2, Consistency = Consistency.Bsp, Epochs = 4, EvaluateEveryBatches = 4 };
        var store = new MemoryStore();
        var whole = SimulatedTraining.Run(new TrainingPlan(options, Data), new WorldOptions());
        var cut = SimulatedTraining.Run(new TrainingPlan(options, Data, store),
            new WorldOptions { TimeLimitSeconds = whole.VirtualSeconds * 0.4 });

        var resumed = SimulatedTraining.Run(new TrainingPlan(options, Data, store, store.Last), new WorldOptions());

        Assert.Equal(StopReason.Interrupted, cut.Training.Reason);
        Assert.Equal(whole.Training.ParametersSha256, resumed.Training.ParametersSha256);
    }

    internal static (TrainingOptions Options, WorldOptions World) RandomWorld(int seed)
    {
        var random = new SeededRandom(seed, 77);
        var consistency = (seed % 4) switch { 0 => Consistency.Ssp(1 + random.NextInt(4)), 1 => Consistency.Asp, _ => Consistency.Bsp };
        var options = Options with
        {
            Workers = 2 + random.NextInt(3),
            Shards = 1 + random.NextInt(3),
            Consistency = consistency,
            Prefetch = random.NextInt(3),
            BatchSize = 36 + (12 * random.NextInt(2)),
            Durability = seed % 2 == 0 ? Durability.Checkpoint(1 + random.NextInt(4)) : Durability.None,
            FlushSeconds = 0.02,
            Epochs = 1,
            EvaluateEveryBatches = 7 * random.NextInt(2),
            LeaseSeconds = 0.3 + random.NextDouble(), // about as long as a slow worker needs for a batch: leases do expire
            RetrySeconds = 0.05 + (0.2 * random.NextDouble()),
        };
        var world = Rough(seed);
        return (options, options.Durability.Every is null ? world : world with
        { Faults = new FaultPlan([], [world.Faults.Seeded[0] with { Nodes = NodeSet.All }]) });
    }

    private static WorldOptions Rough(int seed)
    {
        var random = new SeededRandom(seed, 78);
        return new WorldOptions
        {
            Seed = seed,
            Network = new NetworkOptions
            {
                Latency = new Distribution.LogNormal(0.002, 1),
                Jitter = new Distribution.Gamma(0.01, 3),
                BytesPerSecond = 2e6,
                Loss = 0.1 * random.NextDouble(),
                Duplication = 0.2 * random.NextDouble(),
                Reordering = random.NextDouble(),
            },
            Compute = new() { ExamplesPerSecond = 500, Factor = new Distribution.LogNormal(1, 0.5) },
            DetectionSeconds = 0.05 + (0.3 * random.NextDouble()),
            StallSeconds = 120,
            Faults = new FaultPlan([], [new SeededFaults(120, SeededFaults.DefaultKinds, SeededFaults.DefaultNodes, 0.3)]),
        };
    }

    private static long Batches(TrainingOptions options) => new TrainingRun(new TrainingPlan(options, Data)).Epochs.TotalBatches;

    private sealed class Counter : IWorldObserver
    {
        public long Crashes { get; private set; }

        public long Fences { get; private set; }

        public void Fault(double now, NodeId? node, string what) => Crashes += what == "crash" ? 1 : 0;

        public void Delivered(double now, in Crossing crossing) => Fences += crossing.Message is ParameterProtocol.Fence { Shard.Value: 0 }
            ? 1 : 0;
    }

    /// <summary>Which rows a worker's ticket stands for.</summary>
    private sealed class Tickets : IWorldObserver
    {
        private readonly Dictionary<(WorkerId Worker, long Ticket, ShardId Shard), int[]> _rows = [];

        public int Restarts { get; private set; }

        public List<long> Reused { get; } = [];

        public void Fault(double now, NodeId? node, string what) => Restarts += what == "restart" ? 1 : 0;

        public void Sent(double now, in Crossing crossing)
        {
            if (crossing.Message is ParameterProtocol.Pull pull)
            {
                int[] rows = [.. pull.Users.Span, .. pull.Items.Span];
                if (!_rows.TryAdd((pull.Worker, pull.Ticket, pull.Shard), rows)
                    && !_rows[(pull.Worker, pull.Ticket, pull.Shard)].SequenceEqual(rows))
                {
                    Reused.Add(pull.Ticket);
                }
            }
        }
    }

    private sealed class MemoryStore : ICheckpointStore
    {
        public TrainingCheckpoint? Last { get; private set; }

        public void Save(TrainingCheckpoint checkpoint) => Last = checkpoint;
    }
}
