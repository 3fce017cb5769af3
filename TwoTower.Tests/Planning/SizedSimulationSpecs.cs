using System.Text.Json.Nodes;
using TwoTower.Actors.Ids;
using TwoTower.Node.Sizing;
using TwoTower.Tests.Node;

namespace TwoTower.Tests.Planning;

/// <summary><c>simulate --numerics off</c> and <c>--compute calibrated</c> as a person starts them.</summary>
public sealed class SizedSimulationSpecs : IDisposable
{
    private static readonly string[] s_sizes = ["simulate", "--numerics", "off", "--workers", "10", "--users", "1000000000", "--items",
        "50000000", "--examples", "20000", "--batch-size", "64"];

    private readonly string _folder = Directory.CreateTempSubdirectory("twotower-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0.95, 0.3, 0.2, "the workers' computing (95.0% of the time)")]
    [InlineData(0.1, 0.3, 0.9, "the interface of shard-2, receiving (90.0% of the time)")]
    [InlineData(0.1, 0.3, 0.2, "nothing: workers wait for answers and for each other (most is the interface of shard-1, sending, 30.0%)")]
    public void What_is_busiest_limits_if_it_is_busy_enough(double computing, double sending, double receiving, string expected) =>
        Assert.Equal(expected, new SizedReport(1, 1, computing, (NodeId.Shard(1), sending), (NodeId.Shard(2), receiving), (null, 0),
            1, 1).Limit);

    [Fact]
    public async Task A_billion_rows_are_planned_without_data_and_without_a_folder()
    {
        var text = await ProgramRun.RunAsync(s_sizes);
        var json = await ProgramRun.RunAsync([.. s_sizes, "--json"]);
        var again = await ProgramRun.RunAsync([.. s_sizes, "--json"]);

        Assert.Equal((0, string.Empty), (text.Code, text.Error));
        Assert.All(text.Output.Split('\n'), line => Assert.True(line.Length <= 80, line));
        foreach (var shown in new[] { "world.numerics               off            --numerics",
            "sizing.users                 1000000000     --users", "examples per virtual s", "What saturates", "No run folder" })
        {
            Assert.Contains(shown, text.Output, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("Data ", text.Output, StringComparison.Ordinal);
        var (first, second) = (JsonNode.Parse(json.Output)!.AsObject(), JsonNode.Parse(again.Output)!.AsObject());
        Assert.InRange((double)first["workersComputing"]!, 0.01, 1);
        Assert.Equal("--users", (string)first["settings"]!["sizing.users"]!["source"]!);
        Assert.True(first.Remove("wallSeconds") && second.Remove("wallSeconds"));
        Assert.Equal(first.ToJsonString(), second.ToJsonString());
    }

    [Theory]
    [InlineData("measured frequencies", "--numerics", "off", "--partitioner", "balanced")]
    [InlineData("train.hotRows", "--numerics", "off", "--set", "train.hotRows=5")]
    [InlineData("--out cannot be with --numerics off", "--numerics", "off", "--out", "x")]
    [InlineData("--trace cannot be with --numerics off", "--numerics", "off", "--trace", "x")]
    [InlineData("--data means nothing", "--numerics", "off", "--data", "x")]
    [InlineData("calibrated measures gradients", "--numerics", "off", "--compute", "calibrated")]
    [InlineData("5 examples in batches of 1024", "--numerics", "off", "--examples", "5")]
    [InlineData("sizing.users (--users) is a size", "--users", "5")]
    public async Task Sizes_that_cannot_be_are_one_sentence_on_stderr(string expected, params string[] arguments)
    {
        var run = await ProgramRun.RunAsync(["simulate", .. arguments]);

        Assert.Equal((2, string.Empty), (run.Code, run.Output));
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Trim().Split('\n'));
    }

    [Fact]
    public async Task A_calibrated_run_keeps_what_it_measured_and_is_replayed_by_it()
    {
        SmallRatings.Write(At("ratings.csv"));
        var run = await ProgramRun.RunAsync([
            "simulate", "--compute", "calibrated,slowWorkers=1,slowBy=3", "--data", At("ratings.csv"), "--epochs", "1", "--batch-size",
            "32", "--workers", "3",
            "--set", "model.dim=8", "--set", "evaluate.cutoffs=5,10", "--set", "evaluate.metric=recall@10", "--out", At("run"), "--trace",
            At("run.trace")]);
        var replay = await ProgramRun.RunAsync("replay", At("run.trace"));

        Assert.Equal((0, string.Empty), (run.Code, run.Error));
        Assert.Equal(0, replay.Code);
        var config = JsonNode.Parse(File.ReadAllText(At("run/config.json")))!;
        foreach (var key in new[] { "compute.examplesPerSecond", "compute.factor" })
        {
            Assert.Equal("calibrated", (string)config["sources"]![key]!);
            Assert.Contains($"  {key,-28} {(string)config["settings"]![key]!}", run.Output, StringComparison.Ordinal);
        }

        Assert.NotEqual("100000", (string)config["settings"]!["compute.examplesPerSecond"]!);
        Assert.Equal("--compute", (string)config["sources"]!["compute.slowBy"]!);
    }

    private string At(string name) => Path.Combine(_folder, name);
}
