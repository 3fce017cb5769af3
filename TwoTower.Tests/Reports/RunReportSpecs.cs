using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TwoTower.Node.Reports;
using TwoTower.Tests.Cluster.Local;
using TwoTower.Tests.Data;
using TwoTower.Tests.Node;
using TwoTower.Tests.Telemetry;

namespace TwoTower.Tests.Reports;

[Collection(TrainedRuns.Name)]
public sealed partial class RunReportSpecs : IDisposable
{
    private const string Name = "<img src=x onerror=alert(1)>";

    private readonly TemporaryFolder _folder = new();
    private readonly TrainedRuns _runs;

    public RunReportSpecs(TrainedRuns runs) => _runs = runs;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task One_command_writes_a_page_that_asks_nobody_and_the_same_as_Markdown()
    {
        var (code, output, error) = await ProgramRun.RunAsync("report", _runs.Run, "--out", At("report"));

        Assert.Equal((0, string.Empty), (code, error));
        Assert.Contains("report.html", output, StringComparison.Ordinal);
        var (html, markdown) = (File.ReadAllText(At("report/report.html")), File.ReadAllText(At("report/report.md")));
        Assert.DoesNotContain("http", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("@media print", html, StringComparison.Ordinal);
        var summary = JsonNode.Parse(File.ReadAllText(Path.Combine(_runs.Run, "summary.json")))!;
        foreach (var text in new[]
        {
            ((double)summary["best"]!["validation"]!["masked"]!["recall@5"]!)
                .ToString("0.0000", System.Globalization.CultureInfo.InvariantCulture),
            (string)summary["protocol"]!["positives"]!, (string)summary["environment"]!["dotnet"]!,
            (string)summary["environment"]!["libtorch"]!, "recent popularity", "model.dim", "(--set)",
        })
        {
            Assert.Contains(System.Net.WebUtility.HtmlEncode(text), html, StringComparison.Ordinal);
        }

        Assert.InRange(Figure().Count(html), 5, 8);
        var plots = Picture().Matches(markdown).Select(match => match.Groups[1].Value).ToArray();
        Assert.Equal(Figure().Count(html), plots.Length);
        Assert.All(plots, plot => Assert.True(File.Exists(At($"report/{plot}")), plot));
    }

    [UnixFact]
    public void Several_runs_are_compared_with_the_first_and_names_are_text_whatever_is_in_them()
    {
        Copy("first", config => config["recipe"] = "<script>alert(2)</script>");
        Copy(Name, config => config["settings"]!["train.workers"] = "3");

        RunReport.Write(ReportedRun.Read([At("first"), At(Name) + "/"]), At("report"));

        var (html, markdown) = (File.ReadAllText(At("report/report.html")), File.ReadAllText(At("report/report.md")));
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.Contains("&lt;img src=x onerror=alert(1)&gt;", html, StringComparison.Ordinal);
        Assert.DoesNotMatch("<[a-z/]", markdown);
        Assert.Contains("| train.workers | 2 | 3 |", markdown, StringComparison.Ordinal);
        Assert.Contains("no winner", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_are_called_by_as_much_of_their_paths_as_tells_them_apart()
    {
        foreach (var run in new[] { "a/runs/x", "b/runs/x", "b/runs/y" })
        {
            Copy(run, _ => { });
        }

        Assert.Equal(["a/runs/x", "b/runs/x", "y"], ReportedRun.Read([At("a/runs/x"), At("b/runs/x"), At("b/runs/y")])
            .Select(run => run.Name));
        // nothing tells a run from itself
        Assert.Equal(["x", "x"], ReportedRun.Read([At("a/runs/x"), At("a/runs/x/")]).Select(run => run.Name));
    }

    [Fact]
    public void Text_that_looks_like_Markdown_stays_text_on_its_line()
    {
        var markdown = ReportMarkdown.Render([new ReportPart.Table(["a"], [["x | y\n# [z](javascript:1) `w`"]])], "plots");

        Assert.Equal("| a |\n|---|\n| x \\| y \\# \\[z\\](javascript:1) \\`w\\` |\n", markdown);
    }

    [Fact]
    public async Task A_run_that_has_not_ended_is_refused_in_one_sentence()
    {
        Copy("run", _ => { });
        File.Delete(At("run/summary.json"));
        var (code, output, error) = await ProgramRun.RunAsync("report", At("run"), "--out", At("report"));

        Assert.Equal((2, string.Empty), (code, output));
        Assert.Contains("has not ended", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(At("report")));
    }

    private string At(string name) => Path.Combine(_folder.Path, name);

    private void Copy(string name, Action<JsonNode> change)
    {
        Directory.CreateDirectory(At(name));
        foreach (var file in Directory.GetFiles(_runs.Run))
        {
            File.Copy(file, Path.Combine(At(name), Path.GetFileName(file)));
        }

        var config = JsonNode.Parse(File.ReadAllText(At($"{name}/config.json")))!;
        change(config);
        File.WriteAllText(At($"{name}/config.json"), config.ToJsonString());
    }

    [GeneratedRegex("<figure>")]
    private static partial Regex Figure();

    [GeneratedRegex(@"!\[[^\]]*\]\((plots/[a-z]+\.png)\)")]
    private static partial Regex Picture();
}
