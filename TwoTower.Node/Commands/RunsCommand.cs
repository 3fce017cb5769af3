using System.CommandLine;
using System.Text.Json;
using TwoTower.Node.Library;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower runs</c>: what lies in a folder of runs.</summary>
internal static class RunsCommand
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "Folder of runs (default: runs)", DefaultValueFactory = _ => "runs" };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("runs", """
            List the runs in a folder and below it: how they stand, recall with interval, against popularity, staleness, speed. The latest first.

            Examples:
              twotower runs
              twotower runs sweeps/staleness --json
            """) { folder, json };
        command.SetAction(parsed =>
        {
            var path = Setting.PathOf("runs", parsed.GetValue(folder))!;
            using var library = RunLibrary.Open(path);
            var runs = library.Read();
            if (parsed.GetValue(json))
            {
                Console.WriteLine(RunTable.ToJson(runs).ToJsonString(s_indented));
            }
            else if (runs.Count == 0)
            {
                Console.WriteLine($"There are no runs in '{path}' or up to {RunLibrary.Depth} folders below it.");
            }
            else
            {
                RunTable.Write(Console.Out, runs);
            }

            return ExitCode.Success;
        });
        return command;
    }
}
