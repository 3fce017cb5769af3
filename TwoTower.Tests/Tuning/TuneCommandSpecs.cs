using System.Globalization;
using System.Text.Json.Nodes;
using TwoTower.Tests.Node;

namespace TwoTower.Tests.Tuning;

/// <summary>The command: real runs of a small file of ratings.</summary>
public sealed class TuneCommandSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tune").FullName;

    public TuneCommandSpecs() => SmallRatings.Write(Path.Combine(_folder, "ratings.csv"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_search_leaves_a_table_and_a_recipe_and_is_gone_on_with_without_running_anything_twice()
    {
        var (code, output, error) = await TwoTowerProcess.RunAsync(_folder, ["tune", "--trials", "3", "--halving", "2", "--epochs", "2",
            "--data", "ratings.csv", "--set", "model.dim=8", "--set", "evaluate.cutoffs=5,10", "--set", "evaluate.metric=recall@10",
            "--out", "search"]);
        Assert.True(code == 0, error + output);
        Assert.Contains("Rung 2 of 2: 2 trials, epochs: 2", output, StringComparison.Ordinal);
        var lines = File.ReadAllLines(Path.Combine(_folder, "search", "trials.csv"));
        Assert.StartsWith("rung,trial,epochs,seeds,recall@10,model.priorStrength", lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain("model.dim", lines[0], StringComparison.Ordinal); // what is set is not searched
        Assert.Equal(["1,0,1,1", "1,1,1,1", "1,2,1,1", "2,0,2,1"], lines.Skip(1).Take(4)
            .Select(line => string.Join(',', line.Split(',')[..4])));
        var best = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "search", "best.json")))!;
        Assert.Equal("8", (string)best["model.dim"]!);
        Assert.Null(best["data.path"]);

        var (again, once, _) = await TwoTowerProcess.RunAsync(_folder, ["tune", "--resume", "search"]);
        Assert.Equal(0, again);
        Assert.Contains("2 runs, 2 of them done", once, StringComparison.Ordinal);
        Assert.Equal(lines, File.ReadAllLines(Path.Combine(_folder, "search", "trials.csv")));
    }

    [Fact]
    public async Task Over_windows_all_but_the_last_choose_and_the_last_is_judged_apart_and_gone_on_with()
    {
        string[] search = ["tune", "--trials", "2", "--halving", "1", "--epochs", "1", "--batch-size", "64", "--consistency", "bsp",
            "--workers", "1", "--windows", "3", "--data", "ratings.csv", "--set", "model.dim=8", "--set", "evaluate.cutoffs=5,10", "--set",
            "evaluate.metric=recall@10", "--jobs", "2", "--out", "search"];
        var (code, output, error) = await TwoTowerProcess.RunAsync(_folder, search);
        Assert.True(code == 0, error + output);
        Assert.Contains("Rung 1 of 1: 2 trials, epochs: 1, windows 1 and 2 of 3", output, StringComparison.Ordinal);
        var lines = File.ReadAllLines(Path.Combine(_folder, "search", "trials.csv"));
        var cells = lines.Skip(1).Select(line => line.Split(',')).ToArray();
        Assert.All(cells, row => Assert.Equal(double.Parse(row[4], CultureInfo.InvariantCulture),
            (double.Parse(row[5], CultureInfo.InvariantCulture) + double.Parse(row[6], CultureInfo.InvariantCulture)) / 2, 1e-12));
        var windows = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "search", "windows.json")))!;
        Assert.Equal((int)windows["best"]! != 0, windows["choice"] is not null);
        Assert.NotNull(windows["trials"]![0]!["last"]);
        foreach (var window in new[] { 1, 2, 3 })
        {
            var config =
                JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "search", "runs", $"trial-000_epochs-1_window-{window}_seed-1",
                "config.json")))!;
            Assert.Equal($"{window}/3", (string)config["settings"]!["data.window"]!);
        }

        var best = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "search", "best.json")))!;
        Assert.Null(best["data.window"]);
        Directory.Delete(Path.Combine(_folder, "search", "runs", "trial-000_epochs-1_window-3_seed-1"), recursive: true);

        var (again, rest, _) = await TwoTowerProcess.RunAsync(_folder, ["tune", "--resume", "search"]);

        Assert.Equal(0, again);
        Assert.Contains("4 runs, 4 of them done", rest, StringComparison.Ordinal);
        Assert.Matches("(2 runs, 1 of them done|1 runs, 0 of them done)", rest);
        Assert.Equal(lines, File.ReadAllLines(Path.Combine(_folder, "search", "trials.csv")));
    }

    [Fact]
    public async Task When_all_trials_of_a_rung_fail_the_search_ends_with_the_reason()
    {
        // Half of what is before test leaves nobody a history of 28, of 60 items.
        var (code, _, error) = await TwoTowerProcess.RunAsync(_folder, ["tune", "--trials", "2", "--halving", "1", "--epochs", "1",
            "--data", "ratings.csv", "--windows", "2", "--set", "data.minimumTrainHistory=28", "--out", "search"]);
        Assert.Equal(2, code);
        Assert.Contains("Every trial of rung 1 failed; the first: ratings leaves no validation positives", error.ReplaceLineEndings(" "),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("by validation alone", "--set", "evaluate.final=true")]
    [InlineData("deals the epochs out", "--range", "train.epochs=1..9 whole")]
    [InlineData("declares no ranges", "--recipe", "bare.json")]
    [InlineData("--trials cannot be '0'", "--trials", "0")]
    [InlineData("needs a split by time", "--windows", "3", "--split", "leave-last-out")]
    [InlineData("sets data.window itself", "--windows", "3", "--set", "data.window=1/3")]
    [InlineData("which data.refit trains on", "--windows", "3", "--set", "data.refit=blind")]
    [InlineData("by validation alone", "--windows", "3", "--set", "evaluate.final=true")]
    [InlineData("--windows cannot be '1'", "--windows", "1")]
    [InlineData("only --jobs and --json may be given", "--resume", "nowhere", "--windows", "3")]
    [InlineData("cannot be gone on with", "--resume", "nowhere")]
    [InlineData("only --jobs and --json may be given", "--resume", "nowhere", "--trials", "3")]
    public async Task What_cannot_be_searched_is_one_sentence_and_exit_code_2(string expected, params string[] arguments)
    {
        File.WriteAllText(Path.Combine(_folder, "bare.json"), """{ "model.dim": 8 }""");
        var (code, output, error) = await TwoTowerProcess.RunAsync(_folder, ["tune", .. arguments]);
        Assert.Equal(2, code);
        Assert.Contains(expected, error.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Empty(output);
    }
}
