using System.Text.Json.Nodes;
using TwoTower.Tests.Node;

namespace TwoTower.Tests.Diagnosis;

/// <summary><c>twotower diagnose</c> as a person runs it.</summary>
public sealed class DiagnoseCommandSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("twotower-").FullName;

    public DiagnoseCommandSpecs() => SmallRatings.Write(Ratings);

    private string Ratings => Path.Combine(_folder, "ratings.csv");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_recipe_is_trained_once_a_cost_is_measured_by_training_again_and_the_run_can_be_diagnosed_by_itself()
    {
        // Batches of 4 are the fault.
        var output = Path.Combine(_folder, "out");
        string[] recipe = ["diagnose", "--recipe", "recommended", "--data", Ratings, "--epochs", "1", "--batch-size", "4", "--workers", "1",
            "--consistency", "bsp", "--set", "model.dim=8", "--set", "evaluate.cutoffs=5,20", "--out", output];

        var (code, text, error) = await TwoTowerProcess.RunAsync(_folder, recipe);

        Assert.True(code == 0, error);
        Assert.All(text.Split('\n').Where(line => !line.Contains(_folder, StringComparison.Ordinal)),
            line => Assert.True(line.TrimEnd().Length <= 80, line));
        var document = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(output, "diagnosis.json")))!;
        var batch = document["findings"]!.AsArray().Single(finding => (string)finding!["check"]! == "batch size against catalogue")!;
        Assert.Equal("32", (string)batch["settings"]!["train.batchSize"]!);
        Assert.Equal("trained again with train.batchSize=32", (string)batch["cost"]!["how"]!);
        var mended =
            JsonNode.Parse(
            await File.ReadAllTextAsync(Path.Combine(output, "counterfactuals", "train.batchSize=32", "config.json")))!["settings"]!;
        Assert.Equal(("32", "1", "8", Ratings),
            ((string)mended["train.batchSize"]!, (string)mended["train.epochs"]!, (string)mended["model.dim"]!,
            (string)mended["data.path"]!));
        var windows = batch["cost"]!["windows"]!;
        Assert.Equal(["1/3", "2/3"], windows["names"]!.AsArray().Select(name => (string)name!));
        Assert.Equal(((double)batch["cost"]!["value"]! > 0) && (double)windows["value"]! > 0, (bool)batch["cost"]!["advised"]!);
        foreach (var (folder, size) in new[] { ("window=1-of-3", "4"), ("window=2-of-3", "4"), ("window=2-of-3+train.batchSize=32", "32") })
        {
            var rolled =
                JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(output, "counterfactuals", folder, "config.json")))!["settings"]!;
            Assert.Equal((folder[7..13].Replace("-of-", "/", StringComparison.Ordinal), size, "8"),
                ((string)rolled["data.window"]!, (string)rolled["train.batchSize"]!, (string)rolled["model.dim"]!));
        }

        Assert.StartsWith("<!doctype html>", await File.ReadAllTextAsync(Path.Combine(output, "diagnosis.html")), StringComparison.Ordinal);

        // The run it left behind, without new trainings: the same model, the same findings.
        var again = await TwoTowerProcess.RunAsync(_folder, ["diagnose", Path.Combine(output, "run"), "--quick", "--json"]);
        Assert.True(again.Code == 0, again.Error);
        var quick = JsonNode.Parse(again.Output)!;
        Assert.Equal((double)document["model"]!["masked"]!["recall@10"]!, (double)quick["model"]!["masked"]!["recall@10"]!);
        Assert.Equal(
            document["findings"]!.AsArray().Select(finding => (string)finding!["check"]!).Order(StringComparer.Ordinal),
            quick["findings"]!.AsArray().Select(finding => (string)finding!["check"]!).Order(StringComparer.Ordinal));
        Assert.Equal("--quick trains nothing again", (string)quick["notLooked"]!.AsArray()
            .Single(check => (string)check!["check"]! == "tuned to one window")!["reason"]!);
        Assert.Equal("--quick", (string)quick["findings"]!.AsArray()
            .Single(finding => (string)finding!["check"]! == "batch size against catalogue")!["whyNoCost"]!);
        Assert.True(File.Exists(Path.Combine(output, "run", "diagnosis", "diagnosis.html")));
    }

    [Fact]
    public async Task A_recipe_that_chooses_inside_train_is_found_again_and_chooses_inside_every_window()
    {
        var output = Path.Combine(_folder, "out");
        string[] recipe = ["diagnose", "--recipe", "recommended", "--data", Ratings, "--epochs", "1", "--batch-size", "64", "--set",
            "model.dim=8", "--set", "model.priorWindow=auto", "--set", "evaluate.cutoffs=5,20", "--windows", "2", "--out", output];

        var first = await TwoTowerProcess.RunAsync(_folder, recipe);
        var sha = await File.ReadAllTextAsync(Path.Combine(output, "counterfactuals", "window=1-of-2", "summary.json"));
        var second = await TwoTowerProcess.RunAsync(_folder, recipe);

        Assert.True(first.Code == 0, first.Error);
        Assert.True(second.Code == 0, second.Error);
        Assert.Equal(sha, await File.ReadAllTextAsync(Path.Combine(output, "counterfactuals", "window=1-of-2", "summary.json")));
        Assert.Contains("Reading", second.Output, StringComparison.Ordinal);
        Assert.Equal("auto",
            (string)JsonNode.Parse(
            await File.ReadAllTextAsync(Path.Combine(output, "counterfactuals", "window=1-of-2",
            "config.json")))!["sources"]!["model.priorWindow"]!);
    }

    [Fact]
    public async Task Bare_data_has_bars_and_checks_of_its_own()
    {
        var (code, text, error) =
            await TwoTowerProcess.RunAsync(_folder, ["diagnose", "--data", Ratings, "--set", "evaluate.cutoffs=5,20"]);

        Assert.True(code == 0, error);
        Assert.Contains("Diagnosis of data ratings", text, StringComparison.Ordinal);
        Assert.Contains("leakage across time", text, StringComparison.Ordinal);
        Assert.Contains("Not looked, because there is no model", text, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(Path.Combine(_folder, "diagnoses"), "diagnosis.json", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("Say what to diagnose", "diagnose")]
    [InlineData("is not the folder of a run", "diagnose", "nowhere")]
    [InlineData("--quick trains nothing again", "diagnose", "--recipe", "seed-bpr", "--quick", "--windows", "3")]
    [InlineData("--windows cannot be 'many'", "diagnose", "--recipe", "seed-bpr", "--windows", "many")]
    [InlineData("A run's folder has its own recipe", "diagnose", "nowhere", "--recipe", "seed-bpr")]
    [InlineData("There is no recipe 'wonder'", "diagnose", "--recipe", "wonder")]
    public async Task What_cannot_be_diagnosed_is_refused_in_a_sentence(string words, params string[] arguments)
    {
        var (code, _, error) = await TwoTowerProcess.RunAsync(_folder, arguments);

        Assert.Equal(2, code);
        Assert.Contains(words, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
        Assert.False(Directory.Exists(Path.Combine(_folder, "diagnoses")));
    }
}
