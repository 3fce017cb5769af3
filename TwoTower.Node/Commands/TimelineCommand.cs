using System.CommandLine;
using System.Text.Json.Nodes;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;
using TwoTower.Node.Timelines;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower timeline</c>: draws a traced run.</summary>
internal static class TimelineCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("run") { Description = "Folder of a run made with --trace, or a trace file" };
        var output = new Option<string>("--out") { Description = "HTML file to write", DefaultValueFactory = _ => "timeline.html" };
        var json = new Option<bool>("--json") { Description = "Print what was written as JSON" };
        var command = new Command("timeline", """
            Draw a traced simulation as one HTML file that needs nothing else: workers, shards, staleness, clocks, faults, metric.

            Examples:
              twotower simulate --workers 64 --trace run.trace
              twotower timeline run.trace --out run.html
            """) { path, output, json };
        command.SetAction(parsed =>
        {
            var to = Setting.PathOf("--out", parsed.GetValue(output))!;
            var timeline = TimelinePage.Write(TimelinePage.TraceOf(Setting.PathOf("TRACE", parsed.GetValue(path))!), to);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(new JsonObject
                {
                    ["file"] = to,
                    ["events"] = timeline.Events,
                    ["virtualSeconds"] = timeline.Length * timeline.UnitSeconds,
                    ["ended"] = timeline.Ended
                }
                    .ToJsonString(new() { WriteIndented = true }));
                return ExitCode.Success;
            }

            Console.WriteLine(
                FormattableString.Invariant(
                $"{timeline.Events:#,0} events over {timeline.Length * timeline.UnitSeconds:0.000} virtual ")
                + FormattableString.Invariant($"s: {to} ({new FileInfo(to).Length / 1e6:0.0} MB)"));
            if (!timeline.Ended)
            {
                Console.WriteLine("The run did not end by itself; this is what there is of it.");
            }

            return ExitCode.Success;
        });
        return command;
    }
}
