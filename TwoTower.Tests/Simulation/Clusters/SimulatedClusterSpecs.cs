using System.Globalization;
using Akka.Configuration;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Clusters;
using TwoTower.Actors.Simulation.Faults;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Simulation.Tracing;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Tests.Training;

namespace TwoTower.Tests.Simulation.Clusters;

/// <summary>The cluster's own actors under virtual time: they train the same bits whatever happens to nodes, and
/// do so the same way every time.</summary>
public class SimulatedClusterSpecs
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Without_faults_a_cluster_trains_the_bits_of_the_world_where_every_actor_has_a_node(int servers)
    {
        var options = Options("none", epochs: 2);

        var actors = Run(options, World() with { Topology = Topology.Actors });
        var cluster = Run(options, World() with { Topology = Topology.Cluster(servers) });

        Assert.Equal(actors.Training.ParametersSha256, cluster.Training.ParametersSha256);
        Assert.Equal(actors.Training.LossByEpoch, cluster.Training.LossByEpoch);
        Assert.Equal(actors.Training.Evaluations.Select(evaluation => evaluation.ValueFor(options)),
            cluster.Training.Evaluations.Select(evaluation => evaluation.ValueFor(options)));
    }

    [Theory]
    [InlineData("at 1.05 crash server-0 restart 3; at 9 crash server-1 restart 1")]
    [InlineData("at 1.05 crash server-0 restart 0.2")]
    [InlineData("at 1.05 partition server-0,worker-0 | * for 12")]
    [InlineData("at 1.05 partition server-0 > * for 2")]
    [InlineData("at 1.02 leave server-0; at 1.2 join server-3; at 4 join server-0")]
    [InlineData("at 1.02 leave worker-1; at 1.1 join worker-1")]
    [InlineData("at 1.05 crash trainer restart 1; at 5 crash evaluator restart 1")]
    [InlineData("at 1.05 partition trainer | * for 12")]
    public void Whatever_happens_to_nodes_a_replicated_cluster_trains_the_bits_of_one_that_is_well(string faults)
    {
        var options = Options("replica:1", epochs: 6);
        var well = Run(options, World());

        var hit = Run(options, World(faults));

        Assert.Equal(StopReason.Finished, hit.Training.Reason);
        Assert.Equal(well.Training.ParametersSha256, hit.Training.ParametersSha256);
        Assert.NotEqual(well.Events, hit.Events);
    }

    [Fact]
    public void A_cluster_that_is_hit_at_random_repeats_to_the_last_event_and_is_another_with_another_seed()
    {
        var options = Options("replica:1", epochs: 3, consistency: "ssp:2");
        var rough = World("seeded:20:crash,partition,slow,leave:server-*,worker-*:2") with
        {
            Network = NetworkOptions.Preset("lan") with { Loss = 0.01, Duplication = 0.01, Reordering = 0.1 },
            TimeLimitSeconds = 20,
        };

        Assert.Equal(Trace(options, rough), Trace(options, rough));
        Assert.NotEqual(Trace(options, rough), Trace(options, rough with { Seed = 2 }));
    }

    /// <summary>Nothing is sent again within the run, so that whoever waits for a shard has to learn that it has begun elsewhere.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_shard_whose_server_dies_while_it_is_read_holds_the_snapshot_up_until_it_has_begun_elsewhere_and_no_longer(int snapshot)
    {
        var options = Options("replica:1", epochs: 4) with { RetrySeconds = 600, LeaseSeconds = 2400 };
        var reads = new Reads();
        var well = Run(options, World(), [reads]);

        var hit = Run(options,
            World(string.Create(CultureInfo.InvariantCulture, $"at {reads.At[snapshot - 1] + 0.00001} crash server-0 restart 3")));

        Assert.Equal(well.Training.ParametersSha256, hit.Training.ParametersSha256);
        Assert.InRange(hit.VirtualSeconds, well.VirtualSeconds + 1, well.VirtualSeconds + 30);
    }

    [Fact]
    public void Shards_that_are_kept_on_a_shared_disk_outlive_every_server()
    {
        var options = Options("checkpoint:2", epochs: 4);
        var well = Run(options, World());

        var hit = Run(options,
            World("at 1.05 crash server-0 restart 2; at 1.06 crash server-1 restart 2; at 1.07 crash server-2 restart 2"));

        Assert.Equal(well.Training.ParametersSha256, hit.Training.ParametersSha256);
    }

    /// <summary>In this world the first batches are pushed before the other two servers have been let in, and the only server that has them
    /// is cut off before it has given a copy to anybody.</summary>
    [Fact]
    public void A_single_server_that_is_cut_off_as_soon_as_others_are_members_takes_nothing_with_it()
    {
        var options = Options("replica:1", epochs: 2);
        var world = World("at 1.1 partition server-0 | server-1,server-2,trainer,evaluator,worker-0,worker-1,worker-2 for 8") with
        {
            Seed = 49,
            Network = NetworkOptions.Preset("lan") with { Loss = 0.02, Duplication = 0.02, Reordering = 0.2 },
        };

        Assert.Equal(Run(options, World()).Training.ParametersSha256, Run(options, world).Training.ParametersSha256);
    }

    [Fact]
    public void When_all_who_had_a_push_are_gone_the_run_says_that_it_is_lost()
    {
        var options = Options("replica:1", epochs: 6);

        var lost = Assert.ThrowsAny<TrainingException>(() =>
            Run(options, World("at 1.3 crash server-0 restart 2; at 1.3 crash server-1 restart 2; at 1.3 crash server-2 restart 2")));

        // The trainer sees it, or the evaluator when it was about to read.
        Assert.Matches("has lost pushes that it had acknowledged|was read at batch", lost.Message);
    }

    [Theory]
    [InlineData("at 1.3 leave server-0; at 1.4 leave server-1; at 1.5 leave server-2",
        "No server is left: server-0, server-1 and server-2 are gone for good, and nothing can go on.")]
    [InlineData("at 1.3 crash worker-0; at 1.4 crash worker-1; at 1.5 leave worker-2",
        "No worker is left: worker-0, worker-1 and worker-2 are gone for good, and nothing can go on.")]
    public void A_cluster_in_which_nobody_is_left_to_go_on_says_so_and_violates_nothing(string faults, string expected) => Assert.Equal(
        expected, Assert.Throws<NobodyLeftException>(() =>
            Run(Options("replica:1", epochs: 6), World(faults) with { EndWithinSeconds = 60 })).Message);

    [Fact]
    public void A_worker_that_leaves_for_good_before_training_begins_leaves_a_run_that_owes_no_end() => Assert.Contains(
        "waits for worker-2",
        Assert.Throws<NeverBegunException>(() => Run(Options("replica:1", epochs: 2) with { StartWithinSeconds = 0 },
        World("at 0.01 leave worker-2") with { EndWithinSeconds = 30 })).Message, StringComparison.Ordinal);

    [Fact]
    public void Nodes_that_begin_and_become_members_are_no_faults_and_what_a_plan_does_is()
    {
        var options = Options("replica:1", epochs: 6);
        var (well, hit) = (new WorldStatistics(options), new WorldStatistics(options));
        // so that whoever leaves has left before the run ends
        WorldOptions Slow(string faults) => World(faults) with { Compute = new() { ExamplesPerSecond = 100 } };

        Run(options, Slow(string.Empty), [well]);
        Run(options, Slow("at 1.05 crash server-0 restart 0.2; at 1.1 leave worker-1; at 1.2 join worker-1"), [hit]);

        Assert.Equal((0, 4), (well.Faults, hit.Faults));
    }

    [Fact]
    public void States_in_which_the_protocols_meet_crashes_are_reached_and_named()
    {
        var probe = new Seen();
        foreach (var faults in new[] { "at 1.05 crash server-0 restart 3", "at 1.02 leave server-0", "at 1.05 partition server-0 | * for 9",
            "at 1.05 partition trainer | * for 3", "at 1.05 crash trainer restart 1" })
        {
            for (var seed = 1; seed <= 2; seed++)
            {
                var world = World(faults) with
                { Seed = seed, Network = NetworkOptions.Preset("lan") with { Loss = 0.02, Duplication = 0.02, Reordering = 0.2 } };
                SimulatedTraining.Run(new TrainingRunOf(Options("replica:1", epochs: 4), probe).Run, world);
            }
        }

        ProtocolState[] expected =
        [
            ProtocolState.HandedOffInsideRound, ProtocolState.CopyFetched, ProtocolState.PromotedWithPushHalfAcknowledged,
            ProtocolState.AskedWhileRecalling, ProtocolState.StandbyChosenWhileServing,
            ProtocolState.PushHeldWithoutMajority, ProtocolState.OperationsSentAgain, ProtocolState.OperationOvertook,
            ProtocolState.OperationDoubled, ProtocolState.RecallOutbid,
        ];
        Assert.Empty(expected.Except(probe.States));
    }

    [Fact]
    public void The_model_waits_as_long_as_the_settings_of_every_node_say()
    {
        var cluster = ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "cluster.hocon")))
            .GetConfig("akka.cluster");
        var akka = ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "cluster.hocon")))
            .WithFallback(ConfigurationFactory.Default());
        double Seconds(string key) => cluster.GetTimeSpan(key).TotalSeconds;
        var times = new ClusterTimes();

        Assert.Equal(
            (Seconds("failure-detector.heartbeat-interval"), Seconds("failure-detector.acceptable-heartbeat-pause"),
                Seconds("gossip-interval"), Seconds("leader-actions-interval"), Seconds("unreachable-nodes-reaper-interval")),
            (times.Heartbeat, times.HeartbeatPause, times.Gossip, times.LeaderActions, times.Reaper));
        Assert.Equal(
            (Seconds("split-brain-resolver.stable-after"), Seconds("split-brain-resolver.down-all-when-unstable"),
                Seconds("down-removal-margin")),
            (times.StableAfter, times.DownAllWhenUnstable, times.RemovalMargin));
        Assert.Equal(
            (Seconds("sharding.rebalance-interval"), Seconds("sharding.retry-interval"), Seconds("sharding.handoff-timeout"),
                cluster.GetInt("sharding.buffer-size")),
            (times.Rebalance, times.RegionRetry, times.HandOff, times.Buffer));
        Assert.Equal(
            (Seconds("singleton-proxy.singleton-identification-interval"), Seconds("shutdown-after-unsuccessful-join-seed-nodes"),
                Seconds("singleton.hand-over-retry-interval")),
            (times.Identification, times.JoinWithin, times.HandOverRetry));
        Assert.Equal(akka.GetTimeSpan("akka.coordinated-shutdown.phases.cluster-exiting.timeout").TotalSeconds, times.Exit);
    }

    internal static TrainingOptions Options(string durability, int epochs, string consistency = "bsp")
    {
        Assert.True(Durability.TryParse(durability, out var kept));
        Assert.True(Consistency.TryParse(consistency, out var model));
        return InvariantSpecs.Options(LossKind.Bpr, OptimizerKind.Adagrad) with
        {
            Model = new() { Dim = 4 },
            Workers = 3,
            Shards = 3,
            Epochs = epochs,
            Consistency = model,
            Durability = kept,
            LeaseSeconds = 5,
            RetrySeconds = 0.5,
            FlushSeconds = 0.05,
        };
    }

    /// <summary>Three servers; the first batches are leased soon after one virtual second.</summary>
    internal static WorldOptions World(string faults = "") => new()
    {
        Topology = Topology.Cluster(3),
        Network = NetworkOptions.Preset("lan"),
        Compute = new() { ExamplesPerSecond = 1000 },
        StallSeconds = 150,
        Faults = FaultPlan.Parse(faults.Replace(';', '\n')),
    };

    internal static SimulationOutcome Run(TrainingOptions options, WorldOptions world, IReadOnlyList<IWorldObserver>? observers = null) =>
        SimulatedTraining.Run(new TrainingPlan(options, SmallData.Make()), world, observers);

    private static string Trace(TrainingOptions options, WorldOptions world)
    {
        using var trace = new TraceWriter(options.Metric, null);
        try
        {
            Run(options, world, [trace]);
        }
        catch (TrainingException)
        {
            // What is lost is lost the same way every time.
        }

        return trace.Sha256!;
    }

    /// <summary>A run whose protocols are looked into.</summary>
    internal sealed class TrainingRunOf(TrainingOptions options, ProtocolProbe probe)
    {
        public Actors.Hosting.TrainingRun Run { get; } = new(new TrainingPlan(options, SmallData.Make())) { Probe = probe };
    }

    /// <summary>When the evaluator began to read each snapshot.</summary>
    private sealed class Reads : IWorldObserver
    {
        private long _step = -1;

        public List<double> At { get; } = [];

        public void Sent(double now, in Crossing crossing)
        {
            if (crossing.Message is SnapshotProtocol.Read read && read.Step > _step)
            {
                _step = read.Step;
                At.Add(now);
            }
        }
    }

    private sealed class Seen : ProtocolProbe
    {
        public HashSet<ProtocolState> States { get; } = [];

        public override void Reached(ProtocolState state) => States.Add(state);
    }
}
