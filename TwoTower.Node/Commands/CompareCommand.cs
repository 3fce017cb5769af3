using System.CommandLine;
using System.Text.Json.Nodes;
using TwoTower.Node.Display;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;
using TwoTower.Node.Sweeps;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower compare</c>: runs side by side, each with the first.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var runs = new Argument<string[]>("runs")
        {
            Description = "Folders of runs that have ended; each is compared with the first",
            Arity = ArgumentArity.OneOrMore
        };
        var json = new Option<bool>("--json") { Description = "Print JSON: a list, of each further run beside the first" };
        var command = new Command("compare", """
            Put runs side by side: settings that differ, metrics and whether their difference is one, staleness, time.

            Example:
              twotower compare runs/bsp runs/asp
            """) { runs, json };
        command.SetAction(parsed =>
        {
            var folders = parsed.GetValue(runs)!.Select(run => Setting.PathOf("RUN", run)!).ToArray();
            if (folders.Length < 2)
            {
                throw new SettingException("Give at least two folders of runs to compare.");
            }

            var records = folders.Select(RunRecord.Read).ToArray();
            if (parsed.GetValue(json))
            {
                Console.WriteLine(
                    new JsonArray([.. records.Skip(1).Select(other => (JsonNode)ComparisonJson.Of(RunComparison.Of(records[0], other)))])
                    .ToJsonString(new() { WriteIndented = true }));
                return ExitCode.Success;
            }

            for (var n = 1; n < records.Length; n++)
            {
                if (n > 1)
                {
                    Console.WriteLine();
                    Console.WriteLine(new string('-', Paragraph.Width));
                }

                ComparisonText.Write(Console.Out, RunComparison.Of(records[0], records[n]));
            }

            return ExitCode.Success;
        });
        return command;
    }
}
