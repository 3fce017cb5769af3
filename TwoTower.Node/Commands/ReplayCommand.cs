using System.CommandLine;
using System.Text.Json.Nodes;
using TwoTower.Node.Engines;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower replay</c>: whether a traced run can be repeated.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("trace") { Description = "File that 'simulate --trace FILE' wrote" };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("replay", """
            Run a traced simulation again, and stop at the first event that differs.

            Exit code 0: the run is the same. 1: it differs; the event is printed.

            Examples:
              twotower simulate --workers 8 --trace run.trace
              twotower replay run.trace
            """) { path, json };
        command.SetAction(async (parsed, _) =>
        {
            var trace = Setting.PathOf("TRACE", parsed.GetValue(path))!;
            if (!parsed.GetValue(json))
            {
                return await Replay.RunAsync(trace, Console.Out).ConfigureAwait(false);
            }

            using var text = new StringWriter();
            var code = await Replay.RunAsync(trace, text).ConfigureAwait(false);
            Console.WriteLine(new JsonObject
            {
                ["trace"] = trace,
                ["same"] = code == ExitCode.Success,
                ["text"] = text.ToString().TrimEnd()
                .ReplaceLineEndings("\n")
            }.ToJsonString(new() { WriteIndented = true }));
            return code;
        });
        return command;
    }
}
