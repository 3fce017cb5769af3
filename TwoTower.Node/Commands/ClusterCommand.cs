using System.CommandLine;
using TwoTower.Node.Clusters;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower cluster</c>: starts and looks at clusters of nodes.</summary>
internal static class ClusterCommand
{
    /// <summary>The command.</summary>
    public static Command Create() => new("cluster", "Start a cluster of processes on this machine, or look at a running one.") {
        ClusterUpCommand.Create(), CreateStatus() };

    private static Command CreateStatus()
    {
        var url = new Option<string>("--url")
        {
            Description =
            "http://127.0.0.1:PORT of a node's health server (default: the port of node.healthPort)"
        };
        var json = new Option<bool>("--json") { Description = "As JSON" };
        var command = new Command("status", """
            Members, shards and their nodes, workers with clocks and leases, throughput.

            Examples:
              twotower cluster status
              twotower cluster status --url http://127.0.0.1:8081 --json
            """) { url, json };
        command.SetAction(async (parsed, _) =>
        {
            var address = HealthClient.Address(parsed.GetValue(url), "/status");
            var (good, text) = await HealthClient.AskAsync(address).ConfigureAwait(false);
            var status = good ? HealthClient.Read(text) : null;
            if (status is null)
            {
                await Console.Error.WriteLineAsync(good ? $"{address} is no health server of a node." : text).ConfigureAwait(false);
                return ExitCode.Failure;
            }

            if (parsed.GetValue(json))
            {
                Console.WriteLine(text);
            }
            else
            {
                foreach (var line in ClusterStatusText.Lines(status))
                {
                    Console.WriteLine(line);
                }
            }

            return ExitCode.Success;
        });
        return command;
    }
}
