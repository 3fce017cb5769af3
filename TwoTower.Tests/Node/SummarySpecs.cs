using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace TwoTower.Tests.Node;

/// <summary>docs/run-folder.md and a real summary.json have the same keys.</summary>
public sealed partial class SummarySpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("twotower-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Every_documented_key_is_in_a_real_summary_and_every_key_of_it_is_documented()
    {
        SmallRatings.Write(Path.Combine(_folder, "ratings.csv"));
        string[] common = ["train", "--final", "--epochs", "1", "--set", "model.dim=8", "--set", "evaluate.cutoffs=5,20", "--set",
            "evaluate.metric=ndcg@20"];
        var files = await SummaryOf("run", [.. common, "--data", Path.Combine(_folder, "ratings.csv"), "--batch-size", "64", "--set",
            "evaluate.baselines=all"]);
        var world = await SummaryOf("world", [.. common, "--profile", "plain"]); // only a synthetic world has an oracle

        var written = Paths(files, string.Empty).Concat(Paths(world, string.Empty)).Select(path => CutOff().Replace(path, "@K"))
            .ToHashSet(StringComparer.Ordinal);
        var documented = Documented(await File.ReadAllTextAsync(Path.Combine(ReadmeSpecs.Root(), "docs", "run-folder.md")))
            .ToHashSet(StringComparer.Ordinal);

        // A row may also explain an object as a whole (`best`), so a documented path need not be a leaf; a
        // written leaf must be documented as such.
        Assert.True(written.Count > 100 && documented.Count > 100, $"{written.Count} keys written, {documented.Count} documented.");
        Assert.All(written, leaf => Assert.True(documented.Contains(leaf), $"{leaf} is not documented."));
        Assert.All(documented,
            path => Assert.True(written.Any(leaf => leaf == path || leaf.StartsWith(path + ".", StringComparison.Ordinal)),
            $"{path} is not written."));
    }

    private async Task<JsonNode> SummaryOf(string name, string[] arguments)
    {
        var (code, _, error) = await TwoTowerProcess.RunAsync(_folder, [.. arguments, "--out", Path.Combine(_folder, name)]);
        Assert.True(code == 0, error);
        return JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, name, "summary.json")))!;
    }

    /// <summary>The paths of all leaves; a list of values is a leaf, a list of objects is written <c>name[]</c>.</summary>
    private static IEnumerable<string> Paths(JsonNode? node, string path) => node switch
    {
        JsonObject { Count: > 0 } inner =>
            inner.SelectMany(entry => Paths(entry.Value, path.Length == 0 ? entry.Key : $"{path}.{entry.Key}")),
        JsonArray array when array.Any(element => element is JsonObject) => array.SelectMany(element => Paths(element, path + "[]")),
        _ => [path],
    };

    /// <summary>The paths in the first column of the table of summary.json, braces expanded.</summary>
    private static IEnumerable<string> Documented(string page)
    {
        var section = page[page.IndexOf("## `summary.json`", StringComparison.Ordinal)..];
        // what simulate adds comes after
        section = section[..(section.IndexOf("\n##", StringComparison.Ordinal) is > 0 and var end ? end : section.Length)];
        return section.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(line => Code().Matches(line.Split('|')[1]).SelectMany(match => Expand(match.Groups[1].Value)));
    }

    private static IEnumerable<string> Expand(string path) => Braces().Match(path) is { Success: true } braces
        ? braces.Groups[1].Value.Split(',')
            .SelectMany(choice => Expand(path[..braces.Index] + choice + path[(braces.Index + braces.Length)..]))
        : [path];

    [GeneratedRegex(@"@\d+$")]
    private static partial Regex CutOff();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\{([^}]+)\}")]
    private static partial Regex Braces();
}
