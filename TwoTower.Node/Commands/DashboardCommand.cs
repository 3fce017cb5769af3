using System.CommandLine;
using TwoTower.Node.Dashboard;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower dashboard</c>: a folder of runs in a browser.</summary>
internal static class DashboardCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder")
        {
            Description = "Folder of the runs (default: runs)",
            DefaultValueFactory = _ => "runs"
        };
        var port = new Option<string>("--port")
        {
            Description =
            $"TCP port; 0 is any that is free (default: {DashboardOptions.DefaultPort})"
        };
        var listen =
            new Option<string>("--listen")
            {
                Description =
            "Address to listen on, such as 0.0.0.0: opens it to other machines, who then need the token that is printed (default: this "
            + "machine only)"
            };
        var command = new Command("dashboard", """
            Show a folder of runs in a browser: those that are over and those at work. Ctrl-C ends it.

            Examples:
              twotower dashboard
              twotower dashboard sweeps/bsp-or-asp --port 0
              twotower train --dashboard
            """) { folder, port, listen };
        command.SetAction(async (parsed, _) =>
        {
            var path = Setting.PathOf("folder", parsed.GetValue(folder))!;
            var options = DashboardOptions.Of(path, parsed.GetValue(port), parsed.GetValue(listen)) with { ReadsAhead = true };
            using var signals = Interruption.Listen();
            await using var server = await DashboardServer.StartAsync(options).ConfigureAwait(false);
            if (options.Token is not null)
            {
                await Console.Error.WriteLineAsync(
                    "warning: Whoever reads along on the way can read what is shown, and the token: no TLS. Use it only in a network of your own.").ConfigureAwait(false);
            }

            Console.WriteLine($"Dashboard {server.Address}");
            var stopped = new TaskCompletionSource();
            await using var registration = signals.Stop.Register(stopped.SetResult);
            await stopped.Task.ConfigureAwait(false);
            return ExitCode.Success;
        });
        return command;
    }
}
