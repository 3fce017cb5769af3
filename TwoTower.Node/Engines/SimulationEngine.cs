using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Time;
using TwoTower.Actors.Simulation.Tracing;
using TwoTower.Actors.Training;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Engines;

/// <summary>Trains in a simulated world, in virtual time.</summary>
public sealed class SimulationEngine : ITrainingEngine
{
    private readonly List<IWorldObserver> _observers = [];
    private VirtualTime? _time;
    private WorldStatistics? _statistics;
    private SimulationOutcome? _outcome;
    private TimeSpan _wall;

    /// <inheritdoc />
    public string Command => "simulate";

    /// <inheritdoc />
    public string? Clock => _time is { } time ? string.Create(CultureInfo.InvariantCulture, $"{time.Seconds:0.000} virtual s") : null;

    /// <inheritdoc />
    public bool EndedByLimit => _outcome is { TimedOut: true };

    /// <inheritdoc />
    public bool Uses(Setting setting) => true;

    /// <inheritdoc />
    public void Check(ResolvedSettings settings)
    {
        try
        {
            settings.Values.World.Check();
        }
        catch (WorldException impossible)
        {
            throw new SettingException(impossible.Message);
        }

        if (settings.Values.World.Compute.SlowWorkers > settings.Values.Training.Workers)
        {
            throw new SettingException($"compute.slowWorkers is {settings.Values.World.Compute.SlowWorkers}, but there are {settings.Values.Training.Workers} workers (train.workers).");
        }
    }

    /// <summary>Lets somebody else see what happens. Before the run.</summary>
    public void Observe(IWorldObserver observer) => _observers.Add(observer);

    /// <inheritdoc />
    public Task<TrainingOutcome> RunAsync(ResolvedSettings settings, TrainingPlan plan, IProgress<TrainingEvent> progress, CancellationToken stop) =>
        Task.Factory.StartNew(() => Run(settings.Values.World, plan, progress, stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <inheritdoc />
    public void Extend(JsonObject summary)
    {
        var (outcome, statistics) = (_outcome!, _statistics!);
        if (outcome.TimedOut)
        {
            summary["stopReason"] = "timeLimit";
        }

        var traffic = new JsonObject();
        foreach (var role in Enum.GetValues<NodeRole>())
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
            ["traffic"] = traffic,
            ["dropped"] = new JsonObject(statistics.Drops.Select(drop => KeyValuePair.Create(drop.Key, (JsonNode?)drop.Value))),
            ["workerIdleShare"] = statistics.IdleShare(outcome.VirtualSeconds),
            ["shardBytes"] = new JsonArray([.. statistics.ShardBytes.Select(bytes => (JsonNode)bytes)]),
            ["loadImbalance"] = statistics.LoadImbalance,
        };

        // All that differs between two runs of one seed, and nothing else. The workers' waiting is virtual and stands above.
        var threads = summary["time"]!.DeepClone().AsObject();
        threads.Remove("wait");
        summary["wallClock"] = new JsonObject
        {
            ["seconds"] = _wall.TotalSeconds,
            ["eventsPerSecond"] = EventsPerSecond,
            ["memory"] = summary["memory"]!.DeepClone(),
            ["time"] = threads,
        };
        summary.Remove("time");
        summary.Remove("memory");
    }

    /// <inheritdoc />
    public void WriteTimes(TextWriter to, TrainingOutcome outcome)
    {
        void Line(FormattableString text) => to.WriteLine(text.ToString(CultureInfo.InvariantCulture));
        var (world, statistics) = (_outcome!, _statistics!);
        Line($"World: {world.VirtualSeconds:0.000} virtual s in {_wall.TotalSeconds:0.0} s; {world.Events:#,0} events, {EventsPerSecond:#,0} events/s{(world.TimedOut ? "; time limit" : string.Empty)}");
        Line($"  {outcome.ExamplesPerSecond:#,0} examples per virtual s; workers idle {statistics.IdleShare(world.VirtualSeconds):0.0%}; shard load max/mean {statistics.LoadImbalance:0.00}");
        Line($"  {"traffic",-10}{"sent messages",16}{"bytes",18}{"handled",16}{"bytes",18}");
        foreach (var role in Enum.GetValues<NodeRole>())
        {
            var sum = statistics.Traffic[(int)role];
            Line($"  {role.ToString().ToLowerInvariant(),-10}{sum.SentMessages,16:#,0}{sum.SentBytes,18:#,0}{sum.ReceivedMessages,16:#,0}{sum.ReceivedBytes,18:#,0}");
        }

        if (statistics.Drops.Count > 0)
        {
            Line($"  not arrived: {string.Join(", ", statistics.Drops.Select(drop => string.Create(CultureInfo.InvariantCulture, $"{drop.Key} {drop.Value:#,0}")))}");
        }
    }

    /// <inheritdoc />
    public string Repeatability(TrainingOptions options) => "The same command on this machine gives the same bits.";

    private double EventsPerSecond => _outcome!.Events / Math.Max(1e-9, _wall.TotalSeconds);

    private TrainingOutcome Run(WorldOptions world, TrainingPlan plan, IProgress<TrainingEvent> progress, CancellationToken stop)
    {
        var start = Stopwatch.GetTimestamp();
        _statistics = new WorldStatistics(plan.Options);
        _outcome = SimulatedTraining.Run(plan, world, [_statistics, .. _observers], (_, time) => _time = time, progress, stop);
        _wall = Stopwatch.GetElapsedTime(start);
        return _outcome.Training;
    }
}
