using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using TwoTower.Tests.Cluster.Local;
using TwoTower.Tests.Node;

namespace TwoTower.Tests.Sweeps;

/// <summary><c>twotower sweep</c> and <c>twotower compare</c> as a person starts them.</summary>
public sealed class SweepCommandSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("twotower-").FullName;

    public SweepCommandSpecs() => SmallRatings.Write(At("ratings.csv"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string[] Small =>
    [
        "--data", At("ratings.csv"), "--epochs", "2", "--batch-size", "64", "--set", "model.dim=4", "--set", "evaluate.cutoffs=5,10",
        "--set", "evaluate.metric=recall@10",
        "--set", "evaluate.everyBatches=4", "--network", "lan", "--compute", "lognormal:1:0.5",
    ];

    [Fact]
    public async Task A_sweep_runs_what_it_lacks_and_nothing_twice_and_its_cells_are_whole_runs()
    {
        var first = await ProgramRun.RunAsync(["sweep", "--grid", "staleness=0,4", "workers=3,2", "--jobs", "2", .. Small, "--out",
            At("sweep")]);
        Assert.Equal((string.Empty, 0), (first.Error, first.Code));
        var hashes = Rows("runs.csv").Select(row => row["parameters_sha256"]).ToArray();
        Directory.Delete(At("sweep/runs/staleness-4_seed-1"), recursive: true);
        File.Delete(At("sweep/runs/workers-2_seed-1/summary.json")); // as if it had been interrupted
        var kept = File.GetLastWriteTimeUtc(At("sweep/runs/base_seed-1/summary.json"));

        var again = await ProgramRun.RunAsync(["sweep", "--resume", At("sweep")]);

        Assert.Equal((string.Empty, 0), (again.Error, again.Code));
        Assert.Contains("3 points x 1 seeds = 3 runs by 'simulate', 1 of them done", again.Output, StringComparison.Ordinal);
        Assert.Equal(kept, File.GetLastWriteTimeUtc(At("sweep/runs/base_seed-1/summary.json")));
        var rows = Rows("runs.csv");
        Assert.Equal(["base", "staleness=4", "workers=2"], rows.Select(row => row["point"]));
        // run again, alone or beside others, a cell comes out the same to the bit
        Assert.Equal(hashes, rows.Select(row => row["parameters_sha256"]));
        Assert.All(rows, row => Assert.Equal("finished", row["status"]));
        Assert.All(rows, row => Assert.True(double.Parse(row["best recall@10"], CultureInfo.InvariantCulture) > 0));
        Assert.All(rows, row => Assert.InRange(double.Parse(row["idle_share"], CultureInfo.InvariantCulture), 0.001, 0.999));
        Assert.True(double.Parse(rows[0]["seconds_to_target"], CultureInfo.InvariantCulture) <= double.Parse(rows[0]["seconds"],
            CultureInfo.InvariantCulture));
        Assert.Equal(3, Rows("points.csv").Count);
        var charts = Directory.GetFiles(At("sweep/plots"), "*.png").Select(file => Path.GetFileNameWithoutExtension(file)!).ToArray();
        Assert.All(new[] { "staleness-batches-ratio", "staleness-over-time", "staleness-over-examples", "workers-idle", "workers-traffic",
            "workers-imbalance", "staleness-1-staleness-item" }, name => Assert.Contains(name, charts));
        Assert.Equal(charts.Length, Directory.GetFiles(At("sweep/plots"), "*.svg").Length);
        Assert.DoesNotMatch("(?i)https?:|src=|href=", File.ReadAllText(At("sweep/report.html")));
        Assert.All(again.Output.Split('\n').Where(line => !line.StartsWith("Report", StringComparison.Ordinal)),
            line => Assert.True(line.Length <= 80, line));

        await A_changed_base_is_refused();
        await Compare_says_what_differs_and_whether_it_is_one();
    }

    [Fact]
    public async Task Over_windows_every_cell_is_a_run_of_its_own_and_another_number_of_windows_is_refused()
    {
        var swept = await ProgramRun.RunAsync(["sweep", "--grid", "workers=2,1", "--windows", "2", "--jobs", "2", .. Small, "--out",
            At("sweep")]);
        Assert.Equal((string.Empty, 0), (swept.Error, swept.Code));
        Assert.Contains("2 points x 1 seeds x 2 windows = 4 runs", swept.Output, StringComparison.Ordinal);
        // the folders of the runs have the users, so that they are paired
        Assert.DoesNotContain("not known", swept.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Equal(["1", "2", "1", "2"], Rows("runs.csv").Select(row => row["window"]));
        Assert.Equal(4, Rows("runs.csv").Select(row => row["parameters_sha256"]).Distinct().Count());
        Assert.Equal(Rows("runs.csv").Select(row => row["best recall@10"]), Rows("windows.csv").Select(row => row["best recall@10"]));
        Assert.Contains("Windows</h2>", File.ReadAllText(At("sweep/report.html")), StringComparison.Ordinal);
        Directory.Delete(At("sweep/runs/base_seed-1_window-2"), recursive: true);

        var again = await ProgramRun.RunAsync(["sweep", "--resume", At("sweep")]);
        var other = await ProgramRun.RunAsync(["sweep", "--resume", At("sweep"), "--windows", "3"]);

        Assert.Contains("= 4 runs by 'simulate', 3 of them done", again.Output, StringComparison.Ordinal);
        Assert.Equal(2, other.Code);
        Assert.Contains("data.window = '1/2', now it would be '1/3'", other.Error.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cell_that_fails_is_recorded_and_the_rest_goes_on()
    {
        File.WriteAllText(At("grid.json"),
            """{ "grid": { "optimizer.learningRate": [0.01, 1e6] }, "seeds": 1, "settings": { "model": { "normalise": false }, "optimizer.kind": "sgd" } }""");

        var swept = await ProgramRun.RunAsync(["sweep", "--grid", At("grid.json"), .. Small, "--set", "loss.temperature=0.01", "--out",
            At("sweep")]);

        Assert.Equal(1, swept.Code);
        Assert.Contains("Failed: optimizer.learningRate-1e6_seed-1", swept.Error.Replace("1E6", "1e6", StringComparison.Ordinal),
            StringComparison.OrdinalIgnoreCase);
        var rows = Rows("runs.csv");
        Assert.Equal(["finished", "failed"], rows.Select(row => row["status"]));
        Assert.Contains("finite", rows[1]["reason"], StringComparison.Ordinal);
        Assert.Contains("finite", File.ReadAllText(At("sweep/report.html")), StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task Ctrl_c_stops_the_cells_and_leaves_the_rest_to_a_resume()
    {
        using var process =
            Process.Start(new ProcessStartInfo("dotnet", [TestedProgram.Path, "sweep", "--grid", "workers=1,2", "--seeds", "40", "--jobs",
            "1", .. Small, "--out", At("sweep")])
            {
                RedirectStandardOutput = true,
                WorkingDirectory = Path.GetTempPath(),
            })!;
        while (await process.StandardOutput.ReadLineAsync() is { } line && !line.StartsWith("[1/", StringComparison.Ordinal))
        {
        }

        using (var kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        var rest = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(130, process.ExitCode);
        Assert.Contains("--resume", rest, StringComparison.Ordinal);
        var states = Rows("runs.csv").Select(row => row["status"]).ToArray();
        Assert.Equal(80, states.Length);
        Assert.InRange(states.Count(state => state == "finished"), 1, 79);
        Assert.DoesNotContain("failed", states);
    }

    [Theory]
    [InlineData("did you mean 'workers'", "sweep", "--grid", "wrkers=1,2")]
    [InlineData("The grid is empty", "sweep")]
    [InlineData("train.workers cannot be '0'", "sweep", "--grid", "workers=0,1")]
    [InlineData("--seeds cannot be 'five'", "sweep", "--grid", "workers=1,2", "--seeds", "five")]
    [InlineData("simulate or train", "sweep", "--grid", "workers=1,2", "--engine", "both")]
    [InlineData("--windows cannot be '1'", "sweep", "--grid", "workers=1,2", "--windows", "1")]
    [InlineData("needs a split by time", "sweep", "--grid", "data.split=global-time,leave-last-out", "--windows", "3")]
    [InlineData("cannot be read", "sweep", "--resume", "/does/not/exist")]
    [InlineData("at least two", "compare", "x")]
    public async Task What_cannot_be_is_one_sentence_and_exit_code_2(string expected, params string[] arguments)
    {
        var result = await ProgramRun.RunAsync(arguments);

        Assert.Equal(2, result.Code);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Trim().Split('\n'));
    }

    private async Task A_changed_base_is_refused()
    {
        var other = await ProgramRun.RunAsync(["sweep", "--resume", At("sweep"), "--set", "model.dim=8"]);

        Assert.Equal(2, other.Code);
        Assert.Contains("model.dim = '4', now it would be '8'", other.Error, StringComparison.Ordinal);
    }

    private async Task Compare_says_what_differs_and_whether_it_is_one()
    {
        string[] runs = [At("sweep/runs/base_seed-1"), At("sweep/runs/staleness-4_seed-1"), At("sweep/runs/workers-2_seed-1")];
        var alike = await ProgramRun.RunAsync("compare", runs[0], runs[0]);
        var known = await ProgramRun.RunAsync(["compare", .. runs]);
        File.Delete(Path.Combine(runs[2], "per_user_metrics.csv"));
        var unknown = await ProgramRun.RunAsync("compare", runs[1], runs[2]);

        Assert.Equal((0, 0, 0), (alike.Code, known.Code, unknown.Code));
        Assert.Contains("the same to the bit", alike.Output, StringComparison.Ordinal);
        Assert.Contains("None: the runs repeat each other.", alike.Output, StringComparison.Ordinal);
        Assert.Matches("recall@10 .* 0.0000  \\[0.0000, 0.0000\\]  no winner", alike.Output);
        Assert.Contains("train.consistency", known.Output, StringComparison.Ordinal);
        Assert.Contains("One setting differs, under the same seeds", known.Output, StringComparison.Ordinal);
        Assert.Matches("recall@10 .* (no winner|[AB] is better)", known.Output);
        Assert.Contains("2 settings differ: what follows cannot be laid to any one of them.", unknown.Output, StringComparison.Ordinal);
        Assert.Contains("Significance is not known: there is no per_user_metrics.csv in", unknown.Output, StringComparison.Ordinal);
        var value = (double)JsonNode.Parse(
            File.ReadAllText(Path.Combine(runs[0], "summary.json")))!["best"]!["validation"]!["masked"]!["recall@10"]!;
        Assert.Contains(value.ToString("F4", CultureInfo.InvariantCulture), known.Output, StringComparison.Ordinal);
    }

    private List<Dictionary<string, string>> Rows(string name)
    {
        var lines = File.ReadAllLines(At($"sweep/{name}"));
        var names = lines[0].Split(',');
        return [.. lines.Skip(1).Select(line => names.Zip(Cells(line)).ToDictionary(cell => cell.First, cell => cell.Second))];
    }

    private static List<string> Cells(string line)
    {
        var cells = new List<string> { string.Empty };
        var quoted = false;
        foreach (var sign in line)
        {
            if (sign == '"')
            {
                quoted = !quoted;
            }
            else if (sign == ',' && !quoted)
            {
                cells.Add(string.Empty);
            }
            else
            {
                cells[^1] += sign;
            }
        }

        return cells;
    }

    private string At(string name) => Path.Combine(_folder, name);
}
