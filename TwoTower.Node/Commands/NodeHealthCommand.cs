using System.CommandLine;
using TwoTower.Node.Clusters;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower node health</c>: asks a node how it is. For health checks where there is no curl.</summary>
internal static class NodeHealthCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var url = new Option<string>("--url")
        {
            Description =
            "http://127.0.0.1:PORT, asked for /readyz unless it has a path (default: the port of node.healthPort)"
        };
        var command = new Command("health", """
            Ask a node whether it is ready; ends with 0 when it is.

            Example:
              twotower node health --url http://127.0.0.1:8081
            """) { url };
        command.SetAction(async (parsed, _) =>
        {
            var (good, text) = await HealthClient.AskAsync(HealthClient.Address(parsed.GetValue(url), "/readyz")).ConfigureAwait(false);
            await (good ? Console.Out : Console.Error).WriteLineAsync(text).ConfigureAwait(false);
            return good ? ExitCode.Success : ExitCode.Failure;
        });
        return command;
    }
}
