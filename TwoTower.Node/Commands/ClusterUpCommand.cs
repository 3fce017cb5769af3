using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using TwoTower.Actors.Options;
using TwoTower.Node.Clusters.Local;
using TwoTower.Node.Engines;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;
using TwoTower.Node.Telemetry;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower cluster up</c>: a cluster of processes on this machine.</summary>
internal static class ClusterUpCommand
{
    private const int MostProcesses = 256;
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(20);

    public static Command Create()
    {
        var servers = new Option<string>("--servers") { Description = "Server processes, which hold the parameter shards (default: 2)" };
        var workers = new Option<string>("--workers") { Description = "Worker processes (default: as many as train.workers)" };
        var actors = new Option<string>("--worker-actors") { Description = "Worker actors in each (default: 1)" };
        var evaluators =
            new Option<string>("--evaluators") { Description = "Evaluator processes; with 0 the trainer's evaluates (default: 1)" };
        var output =
            new Option<string>("--out") { Description = "Folder of the run (default: runs/<time>-<recipe>, with --state DIR/run)" };
        var state = new Option<string>("--state")
        {
            Description =
            "Folder of the trainer's journal and the shards' records (default: a temporary one)"
        };
        var noRestart = new Option<bool>("--no-restart") { Description = "Leave a process that dies dead" };
        var dashboard = RunCommand.DashboardOption();
        TelemetryFlags? telemetry = null;
        var command = RunCommand.CreateWithoutFolder("up", """
            Train over a cluster of processes on this machine: a trainer, servers, workers, an evaluator.

            Examples:
              twotower cluster up --servers 2 --workers 4 --dashboard
              twotower cluster up --servers 3 --workers 2 --consistency ssp:4 --set train.durability=replica:1
            """, "--workers", run =>
        {
            foreach (var option in new Option[] { servers, workers, actors, evaluators, output, state, noRestart, dashboard })
            {
                run.Add(option);
            }
        }, async (parsed, settings) =>
        {
            var each = Count(actors, 1, 1);
            var processes = Count(workers, 1, Math.Max(1, settings.Values.Training.Workers / each));
            settings.Set("train.workers", (processes * each).ToString(CultureInfo.InvariantCulture), "--workers");
            settings.Check();
            settings.RefuseChoices("in a cluster");
            NodeRun.Check(settings);
            var many = Count(servers, 1, 2);
            if (settings.Values.Training is { WhenCopiesLack: WhenCopiesLack.Wait, Durability.Replicas: var copies } && many <= copies)
            {
                throw new SettingException(
                    $"With --servers {many} no shard has "
                        + $"train.durability={settings.Values.Training.Durability}'s {copies} {(copies == 1 ? "copy" : "copies")} on "
                        + $"other servers, and train.whenCopiesLack=wait would wait for {(copies == 1 ? "it" : "them")} for ever; take "
                        + $"--servers {copies + 1} or more.");
            }

            var kept = Setting.PathOf("--state", parsed.GetValue(state));
            // In a folder that is kept the run lies beside its state; what lies in a temporary one is gone with it.
            var run = Setting.PathOf("--out", parsed.GetValue(output)) ?? (kept is null ? RunFolder.NewPath(settings.Recipe) : null);
            var folder = kept ?? Directory.CreateTempSubdirectory("twotower-cluster-").FullName;
            try
            {
                var topology = new LocalTopology(
                    many, processes, each, Count(evaluators, 0, 1), folder, RunArguments(parsed, settings), run)
                {
                    Trainer = [.. telemetry!.Of(parsed).ToArguments(), .. RunCommand.DashboardArguments(parsed, dashboard)],
                };
                return await RunAsync(topology, new RestartRule(!parsed.GetValue(noRestart))).ConfigureAwait(false);
            }
            finally
            {
                if (kept is null)
                {
                    Directory.Delete(folder, recursive: true);
                }
            }

            int Count(Option<string> option, int least, int otherwise) =>
                parsed.GetValue(option) is { } text ? Setting.Count(option.Name, text, least, MostProcesses) : otherwise;
        });
        telemetry = new TelemetryFlags(command);
        return command;
    }

    /// <summary>What the command line said of the run; the rest every process reads for itself, from the same places.</summary>
    private static IReadOnlyList<string> RunArguments(ParseResult parsed, ResolvedSettings settings) =>
    [
        "--recipe", parsed.GetValue<string>("--recipe")!,
        .. SettingCatalogue.All
            .Where(setting => setting.Key != "train.workers" && settings.SourceOf(setting.Key).StartsWith("--", StringComparison.Ordinal))
            .SelectMany(setting => new[] { "--set", $"{setting.Key}={setting.Read(settings.Values)}" }),
    ];

    private static async Task<int> RunAsync(LocalTopology topology, RestartRule restarts)
    {
        var log = new PrefixedLog(topology.Nodes.Select(node => node.Name), Console.Out, Console.Error);
        var cluster = new LocalCluster(topology, Supervised, log, restarts, s_grace);
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);
        return await cluster.RunAsync(stop.Token).ConfigureAwait(false);

        void OnSignal(PosixSignalContext signal)
        {
            signal.Cancel = true;
            if (stop.IsCancellationRequested)
            {
                cluster.Kill();
                return;
            }

            Console.Error.WriteLine("Stopping the cluster; once more kills it.");
            stop.Cancel();
        }
    }

    private static ProcessStartInfo Supervised(IEnumerable<string> arguments)
    {
        var program = OwnProgram.With(arguments);
        program.Environment[StopSignals.Supervised] = "1";
        return program;
    }
}
