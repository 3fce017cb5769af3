using System.CommandLine;
using TwoTower.Actors.Hosting.Nodes;
using TwoTower.Node.Clusters;
using TwoTower.Node.Engines;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower node</c>.</summary>
internal static class NodeCommand
{
    public static Command Create()
    {
        var flags = new NodeFlags();
        var command = RunCommand.Create("node", """
            Take part in a training over a cluster. Every node is given the same recipe, settings and data; roles decide what it does. It ends when the run is over.

            Examples:
              twotower node --role trainer,evaluator --port 4053 --workers 2
              twotower node --role server --port 0 --seed-node 127.0.0.1:4053 --workers 2
              twotower node --role worker --port 0 --seed-node 127.0.0.1:4053 --workers 2 --worker-actors 2
            """,
            _ => new LiveEngine(),
            run =>
            {
                foreach (var option in flags.Options)
                {
                    run.Add(option);
                }

                run.NeverResumes =
                    "A node goes on with a run by its --state; what a cluster has left is gone on with in one process by 'twotower train --resume'.";
                run.LiesIn = parsed => flags.Resolve(parsed, ConfiguredValues.Here()).State;
            },
            (parsed, settings, output, telemetry) =>
            {
                var options = flags.Resolve(parsed, ConfiguredValues.Here());
                return parsed.GetResult(RunCommand.Dashboard) is not null && !options.Is(ClusterNode.Trainer)
                    ? throw new SettingException(
                        $"{RunCommand.Dashboard} shows a run's folder, which the node with role {ClusterNode.Trainer} writes; give it there.")
                    : NodeRun.RunAsync(options, settings, output, telemetry);
            });
        command.Subcommands.Add(NodeHealthCommand.Create());
        return command;
    }
}
