using TwoTower.Actors.Cluster;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Hosting.Nodes;
using TwoTower.Actors.Training;
using TwoTower.Actors.Work;
using TwoTower.Model.Data.Loading;
using TwoTower.Node.Clusters;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;
using TwoTower.Node.Telemetry;

namespace TwoTower.Node.Engines;

/// <summary>A node of a cluster as a process: settings in, exit code out.</summary>
internal sealed class NodeRun : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    private readonly HealthServer? _health;

    private NodeRun(ClusterTraining training, HealthServer? health, StateFolder? state) =>
        (Training, _health, State) = (training, health, state);

    /// <summary>What outlives the node, or null.</summary>
    public StateFolder? State { get; }

    /// <summary>The node.</summary>
    public ClusterTraining Training { get; }

    /// <summary>Runs a node to its end.</summary>
    /// <param name="options">The node.</param>
    /// <param name="settings">The run's settings, the same on every node.</param>
    /// <param name="output">Folder of the run, on a node with role trainer.</param>
    /// <param name="telemetry">Who else is told of the run, on a node with role trainer.</param>
    public static async Task<int> RunAsync(NodeOptions options, ResolvedSettings settings, string? output, TelemetryOptions telemetry)
    {
        foreach (var warning in options.Warnings())
        {
            await Console.Error.WriteLineAsync($"warning: {warning}").ConfigureAwait(false);
        }

        NodeDoor.CheckOwn(options);
        await new NodeDoor(options, TlsTransport.Of(options), Console.Error.WriteLine).WaitForSeedAsync().ConfigureAwait(false);

        if (!options.Is(ClusterNode.Trainer))
        {
            return telemetry.Any
                ? throw new SettingException(
                    "Only a node with role trainer has a run to tell of; leave out --tensorboard, --otlp, --metrics-port and --log-json "
                    + "on the others.")
                : await WithoutTrainerAsync(options, settings).ConfigureAwait(false);
        }

        var goesOn = options.State is not null && StateFolder.IsBegun(options.State);
        var engine = new ClusterEngine(options);
        try
        {
            var code = await TrainingRunner.StartAsync(engine, settings,
                output ?? (options.State is null ? null : RunFolder.Numbered(options.State, goesOn)), telemetry,
                goesOn).ConfigureAwait(false);
            if (code == ExitCode.Success || (code == ExitCode.Interrupted && settings.Values.Training.Durability.Every is null))
            {
                engine.State?.Forget(); // the run's folder has its fruits; without shards' records only its checkpoint can be gone on from
            }

            // a node that is asked to stop, and does, has done what it should
            return code == ExitCode.Interrupted ? ExitCode.Success : code;
        }
        catch (NodeLeftException left)
        {
            var kept = options.State is not null && settings.Values.Training.Durability.Every is not null;
            Console.WriteLine(kept ? $"{left.Message} Started again with --state {options.State}, the run goes on." : left.Message);
            return ExitCode.Success;
        }
    }

    /// <summary>Refuses what only one process can do.</summary>
    /// <exception cref="SettingException">A setting means nothing in a cluster.</exception>
    public static void Check(ResolvedSettings settings)
    {
        LiveEngine.CheckLive(settings);
        if (settings.Values.Training.StalenessInjection.IsOn)
        {
            throw new SettingException(
                "train.stalenessInjection needs all workers in one process, because it keeps a view of the model for each; use 'twotower "
                + "train' or 'twotower simulate'.");
        }
    }

    /// <summary>Starts the node and says where it is.</summary>
    public static async Task<NodeRun> StartAsync(NodeOptions options, ResolvedSettings settings, TrainingRun run, Action<string> say)
    {
        var shared = SharedSettings(settings);
        var state = options.State is null ? null : StateFolder.Open(options.State, [run.Plan.Data.Fingerprint, .. shared]);
        var tls = TlsTransport.Of(options);
        var hocon = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "cluster.hocon")).ConfigureAwait(false);
        var training = await ClusterTraining.StartAsync(
            new ClusterNode
            {
                Roles = options.Roles,
                Host = options.BindHost,
                PublicHost = options.KnownHost,
                Port = options.Port,
                PublicPort = options.PublicPort,
                Seeds = [.. options.SeedNodes.Select(seed => seed.ToString())],
                WorkerActors = options.WorkerActors,
                WorkerWork = options.GradientDelay > TimeSpan.Zero ? new SlowedWork(options.GradientDelay) : RealTimeWork.Instance,
                Settings = shared,
                ShardStore = state?.Shards,
                Journal = state is null ? null : () => state.Journal,
                Hocon = tls is null ? hocon : $"{TlsTransport.Hocon}\n{hocon}",
                Tls = tls?.Setup,
                Say = say,
            },
            run).ConfigureAwait(false);
        HealthServer? health = null;
        if (options.HealthPort is { } port)
        {
            health = await HealthServer.StartAsync(new NodeHealth(training.View), port).ConfigureAwait(false);
        }

        string[] lines = [$"Node {training.Address} ({string.Join(", ", options.Roles)})",
            .. health is null ? Array.Empty<string>() : [$"Health {health.Url.ToString().TrimEnd('/')}"]];
        foreach (var line in lines)
        {
            // Whoever has started the process reads it.
            (Console.IsOutputRedirected ? Console.WriteLine : say)(line);
        }

        return new NodeRun(training, health, state);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_health is not null)
        {
            await _health.DisposeAsync().ConfigureAwait(false);
        }

        await Training.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<int> WithoutTrainerAsync(NodeOptions options, ResolvedSettings settings)
    {
        Check(settings);
        settings.Check();
        using var signals = StopSignals.Listen(alone: s_patience); // the trainer stops first, and ends everybody
        var data = DataLoader.Load(settings.Values.Data); // what there is to say of it, the trainer's node says
        DataFit.Apply(settings, data);
        settings.Check(data);
        await using var node = await StartAsync(options, settings, new TrainingRun(new TrainingPlan(settings.Values.Training, data)),
            Console.WriteLine).ConfigureAwait(false);
        signals.TrainingBegins(Console.WriteLine, "Leaving: finishing the batches in flight and handing over; once more quits.");
        var stopped = new TaskCompletionSource();
        await using var registration = signals.Stop.Register(stopped.SetResult);
        if (await Task.WhenAny(node.Training.Done, stopped.Task).ConfigureAwait(false) == stopped.Task)
        {
            await node.Training.LeaveAsync(s_patience).ConfigureAwait(false);
            Console.WriteLine("Left the cluster.");
            return ExitCode.Success;
        }

        var end = await node.Training.Done.ConfigureAwait(false);
        if (end.Failure.Length > 0)
        {
            throw end.Refused ? new SettingException(end.Failure) : end.Again ? new StartAgainException(end.Failure)
                : new TrainingException(end.Failure);
        }

        Console.WriteLine("The run is over.");
        return ExitCode.Success;
    }

    /// <summary>What has to be the same on every node. Where the data lies may differ; its fingerprint may not.</summary>
    private static string[] SharedSettings(ResolvedSettings settings)
    {
        var engine = new LiveEngine();
        return [.. SettingCatalogue.All.Where(engine.Uses).Where(setting => !setting.Key.StartsWith("data.", StringComparison.Ordinal))
            .Select(setting => $"{setting.Key}={setting.Read(settings.Values)}").Order(StringComparer.Ordinal)];
    }
}
