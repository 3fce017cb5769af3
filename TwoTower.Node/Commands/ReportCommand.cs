using System.CommandLine;
using System.Text.Json.Nodes;
using TwoTower.Node.Reports;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower report</c>: runs on a page to be given to others.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var runs = new Argument<string[]>("runs")
        {
            Description =
            "Folders of runs that have ended; several are put side by side, each compared with the first",
            Arity = ArgumentArity.OneOrMore
        };
        var output = new Option<string>("--out")
        {
            Description = "Folder of the report; an earlier one there is overwritten",
            DefaultValueFactory = _ => "report"
        };
        var json = new Option<bool>("--json") { Description = "Print what was written as JSON" };
        var command = new Command("report", """
            Write a report of runs as one HTML page that needs nothing else, and as Markdown with its charts beside it.

            Examples:
              twotower report runs/20260101-120000-recommended
              twotower report runs/bsp runs/asp --out reports/consistency
            """) { runs, output, json };
        command.SetAction(parsed =>
        {
            var folder = Setting.PathOf("--out", parsed.GetValue(output))!;
            RunReport.Write(ReportedRun.Read([.. parsed.GetValue(runs)!.Select(run => Setting.PathOf("RUN", run)!)]), folder);
            var (html, markdown) = (Path.Combine(folder, RunReport.HtmlName), Path.Combine(folder, RunReport.MarkdownName));
            Console.WriteLine(parsed.GetValue(json)
                ? new JsonObject { ["html"] = html, ["markdown"] = markdown }.ToJsonString(new() { WriteIndented = true })
                : $"Report: {html}, {markdown}");
            return ExitCode.Success;
        });
        return command;
    }
}
