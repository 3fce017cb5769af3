using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Faults;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Simulation.Time;
using TwoTower.Actors.Simulation.Tracing;
using TwoTower.Actors.Training;
using TwoTower.Node.Calibration;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;
using TwoTower.Node.Traces;

namespace TwoTower.Node.Engines;

/// <summary>Trains in a simulated world, in virtual time.</summary>
/// <param name="tracePath">Where to write the trace, or null to hash it only.</param>
internal sealed class SimulationEngine(string? tracePath) : ITrainingEngine
{
    private readonly List<IWorldObserver> _observers = [];
    private VirtualTime? _time;
    private WorldStatistics? _statistics;
    private SimulationOutcome? _outcome;
    private string? _traceSha256;
    private long _traceEvents;
    private TimeSpan _wall;
    private bool _calibrated;
    private bool _cluster;
    private int _faultsNotReached;

    /// <inheritdoc />
    public string Command => "simulate";

    /// <inheritdoc />
    public double? VirtualSeconds => _time?.Seconds;

    /// <inheritdoc />
    public bool EndedByLimit => _outcome is { TimedOut: true };

    /// <inheritdoc />
    public bool Uses(Setting setting) => true;

    /// <inheritdoc />
    public void Check(ResolvedSettings settings)
    {
        if (tracePath is not null)
        {
            TraceFile.RefuseForeign(tracePath);
        }

        if (!settings.Values.World.Topology.IsCluster)
        {
            ClusterOnly.Refuse(settings.Values.Training, $"{Command} --topology actors", "a simulated cluster (--topology cluster)");
        }

        try
        {
            settings.Values.World.Check();
            settings.Values.World.Faults.Check(FaultPlan.NodesOf(settings.Values.World.Topology, settings.Values.Training.Workers,
                settings.Values.Training.Shards));
        }
        catch (WorldException impossible)
        {
            throw new SettingException(impossible.Message);
        }

        if (settings.Values.Numerics
            && WorldSettings.All.FirstOrDefault(setting => setting.Key.StartsWith("sizing.", StringComparison.Ordinal)
            && settings.IsGiven(setting.Key)) is { } size)
        {
            throw new SettingException(
                $"{size.Key} ({settings.SourceOf(size.Key)}) is a size for --numerics off; with numerics on, the data has its own.");
        }

        CheckTopology(settings);
        if (settings.Values.World.Compute.SlowWorkers > settings.Values.Training.Workers)
        {
            throw new SettingException(
                $"compute.slowWorkers is {settings.Values.World.Compute.SlowWorkers}, but there "
                + $"are {settings.Values.Training.Workers} workers (train.workers).");
        }
    }

    private static void CheckTopology(ResolvedSettings settings)
    {
        if (!settings.Values.World.Topology.IsCluster)
        {
            foreach (var key in (ReadOnlySpan<string>)["world.servers", "world.pieceBytes"])
            {
                if (settings.IsGiven(key))
                {
                    throw new SettingException($"{key} ({settings.SourceOf(key)}) is for nodes of a cluster; give --topology cluster too.");
                }
            }

            return;
        }

        if (!settings.Values.Numerics)
        {
            throw new SettingException(
                "--numerics off counts messages where every actor has a node of its own; leave out --topology cluster.");
        }

        var (servers, replicas) = (settings.Values.World.Topology.Servers + Joining(settings),
            settings.Values.Training.Durability.Replicas);
        if (replicas >= servers)
        {
            throw new SettingException(
                $"train.durability={settings.Values.Training.Durability} keeps {(replicas == 1 ? "a copy" : $"{replicas} copies")} of "
                    + $"every shard on other servers, and with --servers {settings.Values.World.Topology.Servers} there are never so "
                    + $"many; take --servers {replicas + 1} or more, or {(servers == 1 ? "checkpoint:N" : $"replica:{servers - 1}")}.");
        }

        if (settings.Values.Training.StalenessInjection.IsOn)
        {
            throw new SettingException(
                "train.stalenessInjection needs all workers in one process, because it keeps a view of the model for each; leave out "
                + "--topology cluster.");
        }
    }

    /// <summary>Servers that join a cluster which does not begin with them.</summary>
    private static int Joining(ResolvedSettings settings) => settings.Values.World.Faults.Faults.OfType<Fault.Join>()
        .Select(join => join.Node).Where(node => node.Role == NodeRole.Server && node.Index >= settings.Values.World.Topology.Servers)
        .Distinct().Count();

    /// <summary>Lets somebody else see what happens. Before the run.</summary>
    public void Observe(IWorldObserver observer) => _observers.Add(observer);

    /// <inheritdoc />
    public Task<TrainingOutcome> RunAsync(ResolvedSettings settings, TrainingPlan plan, IProgress<TrainingEvent> progress,
        CancellationToken stop) =>
            Task.Factory.StartNew(() => Run(settings, plan, progress, stop), CancellationToken.None, TaskCreationOptions.LongRunning,
                TaskScheduler.Default);

    /// <inheritdoc />
    public void Extend(JsonObject summary, RunFolder folder)
    {
        var (outcome, statistics) = (_outcome!, _statistics!);
        if (outcome.TimedOut)
        {
            summary["stopReason"] = "timeLimit";
        }

        var traffic = new JsonObject();
        foreach (var role in Roles)
        {
            var sum = statistics.Traffic[(int)role];
            traffic[role.ToString().ToLowerInvariant()] = new JsonObject
            {
                ["sentMessages"] = sum.SentMessages,
                ["sentBytes"] = sum.SentBytes,
                ["receivedMessages"] = sum.ReceivedMessages,
                ["receivedBytes"] = sum.ReceivedBytes,
            };
        }

        summary["world"] = new JsonObject
        {
            ["virtualSeconds"] = outcome.VirtualSeconds,
            ["events"] = outcome.Events,
            ["timedOut"] = outcome.TimedOut,
            ["faults"] = statistics.Faults,
            ["faultsNotReached"] = _faultsNotReached,
            ["traffic"] = traffic,
            ["dropped"] = new JsonObject(statistics.Drops.Select(drop => KeyValuePair.Create(drop.Key, (JsonNode?)drop.Value))),
            ["workerIdleShare"] = statistics.IdleShare(outcome.VirtualSeconds),
            ["traceSha256"] = _traceSha256,
            ["traceEvents"] = _traceEvents,
        };
        if (!_cluster)
        {
            // A cluster's messages are its servers', and long ones go in pieces: nobody sees from outside which shard they are for.
            summary["world"]!["shardBytes"] = new JsonArray([.. statistics.ShardBytes.Select(bytes => (JsonNode)bytes)]);
            summary["world"]!["loadImbalance"] = statistics.LoadImbalance;
        }

        if (tracePath is not null)
        {
            summary["world"]!["trace"] = Path.GetRelativePath(folder.Path, tracePath).Replace('\\', '/');
        }

        // All that differs between two runs of one seed, and nothing else. The workers' waiting is virtual and stands above.
        var threads = summary["time"]!.DeepClone().AsObject();
        threads.Remove("wait");
        summary["wallClock"] = new JsonObject
        {
            ["seconds"] = _wall.TotalSeconds,
            ["eventsPerSecond"] = EventsPerSecond,
            ["environment"] = summary["environment"]!.DeepClone(),
            ["memory"] = summary["memory"]!.DeepClone(),
            ["time"] = threads,
        };
        summary.Remove("time");
        summary.Remove("memory");
        summary.Remove("environment");
    }

    /// <inheritdoc />
    public void WriteTimes(TextWriter to, TrainingOutcome outcome)
    {
        void Line(FormattableString text) => to.WriteLine(text.ToString(CultureInfo.InvariantCulture));
        var (world, statistics) = (_outcome!, _statistics!);
        Line($"World: {world.VirtualSeconds:0.000} virtual s in {_wall.TotalSeconds:0.0} s; {world.Events:#,0} events, {EventsPerSecond:#,0} events/s{(world.TimedOut ? "; time limit" : string.Empty)}");
        Line($"  {outcome.ExamplesPerSecond:#,0} examples per virtual s; workers idle {statistics.IdleShare(world.VirtualSeconds):0.0%}{(_cluster ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"; shard load max/mean {statistics.LoadImbalance:0.00}"))}");
        if (_faultsNotReached > 0)
        {
            Line($"  {_faultsNotReached} planned {(_faultsNotReached == 1 ? "fault" : "faults")} did not happen: the run ended at {world.VirtualSeconds:0.0##} virtual s");
        }

        Line($"  {"traffic",-10}{"sent messages",16}{"bytes",18}{"handled",16}{"bytes",18}");
        foreach (var role in Roles)
        {
            var sum = statistics.Traffic[(int)role];
            Line($"  {role.ToString().ToLowerInvariant(),-10}{sum.SentMessages,16:#,0}{sum.SentBytes,18:#,0}{sum.ReceivedMessages,16:#,0}{sum.ReceivedBytes,18:#,0}");
        }

        if (statistics.Drops.Count > 0)
        {
            Line($"  not arrived: {string.Join(", ", statistics.Drops.Select(drop => string.Create(CultureInfo.InvariantCulture, $"{drop.Key} {drop.Value:#,0}")))}");
        }

        Line($"SHA-256 of the trace ({_traceEvents:#,0} events)");
        Line($"  {_traceSha256}");
    }

    /// <inheritdoc />
    public string Repeatability(TrainingOptions options) => _calibrated
        ? "Measured anew each time; --resume, replay and --set of these values repeat."
        : "The same command on this machine gives the same bits.";

    /// <summary>Roles that the world has.</summary>
    private IEnumerable<NodeRole> Roles => Enum.GetValues<NodeRole>().Where(role => role != (_cluster ? NodeRole.Shard : NodeRole.Server));

    private double EventsPerSecond => _outcome!.Events / Math.Max(1e-9, _wall.TotalSeconds);

    private TrainingOutcome Run(ResolvedSettings settings, TrainingPlan plan, IProgress<TrainingEvent> progress, CancellationToken stop)
    {
        using var file = tracePath is null ? null : TraceFile.Create(tracePath, settings, plan.Data.Fingerprint);
        using var trace = new TraceWriter(plan.Options.Metric, file);
        _statistics = new WorldStatistics(plan.Options);
        _cluster = settings.Values.World.Topology.IsCluster;
        _calibrated = ComputeCalibration.Keys.Any(key => settings.SourceOf(key) == ComputeCalibration.Source);
        var start = Stopwatch.GetTimestamp();
        try
        {
            _outcome = SimulatedTraining.Run(plan, settings.Values.World, (_, time) => _time = time,
                [_statistics, trace, new FaultNotices(progress), .. _observers], progress, stop);
        }
        finally
        {
            trace.Flush(); // a run that failed leaves what led to it
        }

        _faultsNotReached = settings.Values.World.Faults.PlannedAfter(_outcome.VirtualSeconds);
        _wall = Stopwatch.GetElapsedTime(start);
        (_traceSha256, _traceEvents) = (trace.Sha256, trace.Count);
        return _outcome.Training;
    }

    /// <summary>What goes wrong in the world is told as what happens in training is.</summary>
    private sealed class FaultNotices(IProgress<TrainingEvent> progress) : IWorldObserver
    {
        public void Fault(double now, NodeId? node, string what) =>
            progress.Report(new TrainingEvent.Notice(node is { } at ? $"{at}: {what}" : what, NoticeKind.Fault));

        public void Changed(double now, NodeId? node, string what) =>
            progress.Report(new TrainingEvent.Notice(node is { } at ? $"{at}: {what}" : what));

        public void Said(double now, NodeId node, string text) => progress.Report(new TrainingEvent.Notice($"{node}: {text}"));
    }
}
