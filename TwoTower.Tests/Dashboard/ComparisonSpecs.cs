using System.Text.Json.Nodes;
using TwoTower.Node.Dashboard;
using TwoTower.Node.Runs;
using TwoTower.Tests.Data;
using TwoTower.Tests.Telemetry;

namespace TwoTower.Tests.Dashboard;

/// <summary>Metrics of runs that have ended, side by side: a trained run and its copy.</summary>
[Collection(TrainedRuns.Name)]
public sealed class ComparisonSpecs : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new();
    private DashboardServer _server = null!;
    private string _question = null!;

    public ComparisonSpecs(TrainedRuns trained)
    {
        foreach (var (file, copy) in from file in Directory.GetFiles(trained.Run)
                                     from copy in new[] { "a", "b" }
                                     select (file,
            Folder(copy)))
        {
            Directory.CreateDirectory(copy);
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }
    }

    public async Task InitializeAsync()
    {
        _server = await DashboardServer.StartAsync(new DashboardOptions(_folder.Path));
        var ids = (await AskAsync("/api/runs"))["runs"]!.AsArray().ToDictionary(run => (string)run!["path"]!, run => (string)run!["id"]!);
        _question = $"/api/compare/metrics?first={ids["a"]}&second={ids["b"]}";
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Two_results_give_every_metric_of_both_with_the_interval_of_their_difference()
    {
        var best = (double)JsonNode.Parse(
            await File.ReadAllTextAsync(Path.Combine(Folder("a"), "summary.json")))!["best"]!["validation"]!["masked"]!["recall@5"]!;

        var told = await AskAsync(_question);

        Assert.Null(told["unknown"]);
        var recall = told["metrics"]!.AsArray().Single(metric => (string)metric!["metric"]! == "recall@5")!;
        Assert.Equal((best, best, 0.0), ((double)recall["first"]!, (double)recall["second"]!, (double)recall["difference"]!));
        Assert.Equal((0.0, 0.0), ((double)recall["low"]!, (double)recall["high"]!)); // of every user with themselves
    }

    [Fact]
    public async Task A_comparison_is_remembered_until_one_of_its_runs_gets_another_result()
    {
        var made = (await AskAsync(_question)).ToJsonString();
        File.Delete(Path.Combine(Folder("b"), PerUserMetricsFile.Name));

        var remembered = await AskAsync(_question);
        File.SetLastWriteTimeUtc(Path.Combine(Folder("b"), "summary.json"), new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc));
        var again = await AskAsync(_question);

        Assert.Equal(made, remembered.ToJsonString());
        Assert.NotNull(again["unknown"]);
    }

    private string Folder(string name) => Path.Combine(_folder.Path, name);

    private async Task<JsonNode> AskAsync(string path) => JsonNode.Parse(await _client.GetStringAsync(new Uri(_server.Url, path)))!;
}
