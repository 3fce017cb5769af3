using System.Text.Json.Nodes;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation.Baselines;

namespace TwoTower.Tests.Node;

/// <summary>Baselines, rolling windows and final judgements as a person asks for them.</summary>
public sealed class BaselinesCommandSpecs : IDisposable
{
    private static readonly string[] s_small = ["--set", "evaluate.cutoffs=5,20", "--set", "evaluate.metric=ndcg@20"];
    private readonly string _folder = Directory.CreateTempSubdirectory("twotower-").FullName;

    public BaselinesCommandSpecs() => SmallRatings.Write(Ratings);

    private string Ratings => Path.Combine(_folder, "ratings.csv");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task All_baselines_are_compared_in_eighty_columns_and_in_json_that_agrees()
    {
        var (code, text, error) = await TwoTowerProcess.RunAsync(_folder, ["baselines", "--data", Ratings, .. s_small]);
        Assert.True(code == 0, error);
        var json = await TwoTowerProcess.RunAsync(_folder, ["baselines", "--data", Ratings, .. s_small, "--json", "--final"]);
        Assert.True(json.Code == 0, json.Error);

        Assert.All(text.Split('\n'), line => Assert.True(line.TrimEnd().Length <= 80, line));
        Assert.DoesNotContain("Test,", text, StringComparison.Ordinal);
        Assert.Contains("by train positives of the item", text, StringComparison.Ordinal);
        Assert.Contains("by train positives of the user", text, StringComparison.Ordinal);
        Assert.Matches(@"recall@5 +- .*  (best wins|other wins|no winner)", text);
        var document = JsonNode.Parse(json.Output)!;
        var best = (string)document["subject"]!;
        foreach (var kind in BaselineNames.All)
        {
            var baseline = document["baselines"]![kind.Key()]!;
            var value = (double)baseline["validation"]!["masked"]!["ndcg@20"]!;
            Assert.Matches($@"\n  {kind.InWords()}( \(.*\))? .*\b{(double)baseline["validation"]!["masked"]!["recall@5"]!:F4} ", text);
            Assert.NotNull(baseline["test"]!["masked"]!["ndcg@20"]);
            Assert.True(value <= (double)document["baselines"]![best]!["validation"]!["masked"]!["ndcg@20"]!);
            Assert.Equal(kind.Key() == best, baseline["subjectMinusThis"] is null);
            if (baseline["subjectMinusThis"] is { } difference)
            {
                Assert.Equal((double)document["baselines"]![best]!["validation"]!["masked"]!["ndcg@20"]! - value,
                    (double)difference["ndcg@20"]!["value"]!, 1e-12);
            }
        }
    }

    [Fact]
    public async Task Windows_train_on_everything_before_each_and_their_means_are_those_of_the_runs()
    {
        string[] arguments = ["train", "--data", Ratings, "--epochs", "1", "--batch-size", "64", "--consistency", "bsp", "--workers", "1",
            "--set", "model.dim=8", .. s_small, "--windows", "2", "--out", Path.Combine(_folder, "out")];
        var (code, text, error) = await TwoTowerProcess.RunAsync(_folder, arguments);
        Assert.True(code == 0, error);

        JsonNode[] runs =
            [.. new[] { 1, 2 }.Select(n => JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "out", $"window-{n}", "summary.json")))!)];
        var first = runs[0]["protocol"]!;
        Assert.True(string.CompareOrdinal((string)first["validationEnd"]!, (string)runs[1]["protocol"]!["validationStart"]!) <= 0);
        Assert.True((int)runs[0]["data"]!["trainPositives"]! < (int)runs[1]["data"]!["trainPositives"]!);
        Assert.Equal(0, (int)runs[0]["data"]!["testPositives"]!);
        var means = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "out", "windows.json")))!;
        foreach (var (name, of) in new (string, Func<JsonNode, JsonNode>)[] { ("two towers (best)", run => run["best"]!),
            ("popularity", run => run["baselines"]!["popularity"]!) })
        {
            var mean = (double)means["rankings"]![name]!["ndcg@20"]!["mean"]!["value"]!;
            Assert.Equal(runs.Average(run => (double)of(run)["validation"]!["masked"]!["ndcg@20"]!), mean, 1e-12);
        }

        Assert.Contains("Mean over 2 windows", text, StringComparison.Ordinal);
        Assert.All(text[text.IndexOf("Mean over", StringComparison.Ordinal)..].Split('\n')
            .Where(line => !line.StartsWith("Run folders", StringComparison.Ordinal)),
            line => Assert.True(line.TrimEnd().Length <= 80, line));

        // A run is judged again, beside other baselines.
        var judged = await TwoTowerProcess.RunAsync(_folder, ["evaluate", "--run", Path.Combine(_folder, "out", "window-2"), "--set",
            "evaluate.baselines=ease", "--json"]);
        Assert.True(judged.Code == 0, judged.Error);
        var model = JsonNode.Parse(judged.Output)!["model"]!;
        Assert.Equal((double)runs[1]["best"]!["validation"]!["masked"]!["ndcg@20"]!,
            (double)model["validation"]!["masked"]!["ndcg@20"]!, 1e-12);
        Assert.NotNull(JsonNode.Parse(judged.Output)!["baselines"]!["ease"]!["subjectMinusThis"]);
    }
}
