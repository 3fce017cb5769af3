using System.Text.Json.Nodes;

namespace TwoTower.Tests.Node;

/// <summary><c>twotower simulate</c> as a person starts it.</summary>
public sealed class SimulateSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("twotower-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Two_runs_of_one_seed_write_the_same_bytes_but_for_the_wall_clock()
    {
        string[] world = [.. Small, "--epochs", "2", "--workers", "12", "--consistency", "asp", "--network",
            "cloud,duplication=0.05,reordering=0.1", "--compute", "lognormal:1:0.50,slowWorkers=2,slowBy=4", "--faults",
            "at 0.002 crash worker-3 restart 0.01; at 0.004 slow worker-1 by 5"];
        var first = await ProgramRun.RunAsync(["simulate", .. world, "--out", At("first")]);
        var second = await ProgramRun.RunAsync(["simulate", .. world, "--out", At("second")]);
        var other = await ProgramRun.RunAsync(["simulate", .. world, "--world-seed", "2", "--out", At("other")]);

        Assert.Equal((0, 0, 0), (first.Code, second.Code, other.Code));
        Assert.All(first.Output.Split('\n').SkipWhile(line => !line.StartsWith("Data ", StringComparison.Ordinal))
            .Where(line => !line.StartsWith("Run folder", StringComparison.Ordinal)), line => Assert.True(line.Length <= 80, line));
        var files = Files("first");
        Assert.Equal(10, files.Length);
        Assert.Equal(files, Files("second"));
        foreach (var file in files.Except(["summary.json", "events.jsonl"]))
        {
            Assert.True(File.ReadAllBytes(At($"first/{file}")).AsSpan().SequenceEqual(File.ReadAllBytes(At($"second/{file}"))), file);
        }

        Assert.Equal(EventsWithoutWallClock("first"), EventsWithoutWallClock("second"));
        Assert.Equal(["worker-3: crash", "worker-1: slow 5", "worker-3: restart"], Notices("first", "fault"));
        Assert.Equal(["worker-3 has joined."], Notices("first", "worker-joined"));
        var summary = Summary("first");
        Assert.NotNull(summary["wallClock"]!["eventsPerSecond"]);
        Assert.Equal(3, (int)summary["world"]!["faults"]!);
        Assert.Equal(WithoutWallClock(summary), WithoutWallClock(Summary("second")));
        Assert.NotEqual((string)summary["parametersSha256"]!, (string)Summary("other")["parametersSha256"]!);
        var config = JsonNode.Parse(File.ReadAllText(At("first/config.json")))!;
        Assert.Equal(("simulate", "lognormal:1:0.50", "--compute"),
            ((string)config["command"]!, (string)config["settings"]!["compute.factor"]!, (string)config["sources"]!["compute.factor"]!));
    }

    [Fact]
    public async Task The_summary_says_what_the_world_saw()
    {
        var run = await ProgramRun.RunAsync(["simulate", .. Small, "--workers", "4", "--shards", "3", "--time-limit", "0.05", "--epochs",
            "1000", "--compute", "examplesPerSecond=10000", "--out", At("run")]);

        Assert.Equal((0, string.Empty), (run.Code, run.Error));
        var summary = Summary("run");
        var world = summary["world"]!;
        Assert.Equal("timeLimit", (string)summary["stopReason"]!);
        Assert.InRange((double)world["virtualSeconds"]!, 0.05, 0.5);
        Assert.Equal(3, world["shardBytes"]!.AsArray().Count);
        Assert.InRange((double)world["loadImbalance"]!, 1, 3);
        Assert.InRange((double)world["workerIdleShare"]!, 0.001, 0.999);
        var traffic = world["traffic"]!;
        foreach (var role in new[] { "trainer", "shard", "worker", "evaluator" })
        {
            Assert.True((long)traffic[role]!["sentBytes"]! > 8 * (long)traffic[role]!["sentMessages"]!, role);
        }

        // Nothing is lost in a lan: what was sent and not handled was on its way when the run ended.
        var sent = traffic.AsObject().Sum(role => (long)role.Value!["sentMessages"]!);
        Assert.InRange(traffic.AsObject().Sum(role => (long)role.Value!["receivedMessages"]!), sent - 20, sent);
    }

    [Fact]
    public async Task Without_a_fault_a_cluster_counts_none_and_one_that_was_not_reached_is_told()
    {
        var well = await ProgramRun.RunAsync("simulate", "--recipe", "campaign", "--topology", "cluster", "--out", At("well"));
        var late = await ProgramRun.RunAsync("simulate", "--recipe", "campaign", "--topology", "cluster", "--faults",
            "at 0.5 slow worker-0 by 2 for 0.1; at 500 crash server-1; at 600 leave server-0", "--out", At("late"));

        Assert.Equal((0, 0), (well.Code, late.Code));
        Assert.Equal((0, 0), ((int)Summary("well")["world"]!["faults"]!, (int)Summary("well")["world"]!["faultsNotReached"]!));
        Assert.Empty(Notices("well", "fault"));
        Assert.Null(Summary("well")["world"]!["shardBytes"]); // its messages are its servers'
        Assert.DoesNotContain("shard load", well.Output, StringComparison.Ordinal);
        Assert.Contains("trainer: up", Notices("well", "other"));
        Assert.DoesNotContain("did not happen", well.Output, StringComparison.Ordinal);
        Assert.Equal((2, 2), ((int)Summary("late")["world"]!["faults"]!, (int)Summary("late")["world"]!["faultsNotReached"]!));
        Assert.Equal(["worker-0: slow 2", "worker-0: slow 1"], Notices("late", "fault"));
        Assert.Matches("2 planned faults did not happen: the run ended at [0-9.]+ virtual s", late.Output);
    }

    [Fact]
    public async Task A_trace_is_not_written_over_what_is_none()
    {
        File.WriteAllText(At("letter.txt"), "Dear Sir");

        var refused = await ProgramRun.RunAsync("simulate", "--recipe", "campaign", "--trace", At("letter.txt"), "--out", At("run"));

        Assert.Equal((2, "Dear Sir"), (refused.Code, File.ReadAllText(At("letter.txt"))));
        Assert.Contains("is no trace; it would be overwritten", refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(At("run")));
    }

    [Fact]
    public async Task A_simulated_run_goes_on_with_simulate_and_not_with_train()
    {
        var run = await ProgramRun.RunAsync(["simulate", .. Small, "--epochs", "1", "--network", "wan", "--out", At("run")]);
        var live = await ProgramRun.RunAsync("train", "--resume", At("run"), "--epochs", "2");
        var again = await ProgramRun.RunAsync("simulate", "--resume", At("run") + "/", "--epochs", "2", "--out", At("run"), "--json");

        Assert.Equal((0, 2, 0), (run.Code, live.Code, again.Code));
        Assert.Contains("twotower simulate --resume", live.Error, StringComparison.Ordinal);
        Assert.Equal(2, Summary("run")["lossByEpoch"]!.AsArray().Count);
        Assert.True(JsonNode.DeepEquals(Summary("run"), JsonNode.Parse(again.Output)));
    }

    [Theory]
    [InlineData("describes a simulated world", "train", "--set", "network.loss=0.1")]
    [InlineData("takes up to 256", "train", "--workers", "257")]
    [InlineData("'moon'", "simulate", "--network", "moon")]
    [InlineData("did you mean 'network.loss'", "simulate", "--network", "lan,losss=0.1")]
    [InlineData("network.loss cannot be '1'", "simulate", "--network", "lan,loss=1")]
    [InlineData("network.latency: 'constant:-1'", "simulate", "--network", "latency=constant:-1")]
    [InlineData("key=value", "simulate", "--network", "lan,wan")]
    [InlineData("is no distribution", "simulate", "--compute", "often")]
    [InlineData("compute.slowWorkers is 3", "simulate", "--compute", "slowWorkers=3")]
    [InlineData("train.workers cannot be '0'", "simulate", "--workers", "0")]
    [InlineData("worker-7", "simulate", "--faults", "at 1 crash worker-7")]
    [InlineData("faults.plan: ", "simulate", "--faults", "at 1 explode worker-0")]
    [InlineData("There is no file 'nosuchfile.txt' (--faults)", "simulate", "--faults", "nosuchfile.txt")]
    [InlineData("never cut off from itself", "simulate", "--faults", "at 1 partition worker-0 | worker-0")]
    [InlineData("it needs a simulated cluster (--topology cluster)", "simulate", "--set", "train.durability=replica:1")]
    [InlineData("take --servers 6 or more, or replica:1.", "simulate", "--topology", "cluster", "--servers", "2", "--set",
        "train.durability=replica:5")]
    [InlineData("take --servers 2 or more, or checkpoint:N.", "simulate", "--topology", "cluster", "--servers", "1", "--set",
        "train.durability=replica:1")]
    [InlineData("--checks cannot be 'maybe'", "simulate", "--checks", "maybe")]
    [InlineData("world.timeLimit cannot be '-1'", "simulate", "--time-limit", "-1")]
    public async Task A_world_that_cannot_be_is_one_sentence_on_stderr(string expected, params string[] arguments)
    {
        var result = await ProgramRun.RunAsync(arguments);

        Assert.Equal((2, string.Empty), (result.Code, result.Output));
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Trim().Split('\n'));
    }

    private string[] Small
    {
        get
        {
            SmallRatings.Write(At("ratings.csv"));
            return ["--data", At("ratings.csv"), "--set", "model.dim=8", "--batch-size", "32", "--set", "evaluate.cutoffs=5,10", "--set",
                "evaluate.metric=recall@10"];
        }
    }

    private string At(string name) => Path.Combine(_folder, name);

    private string[] Files(string run) =>
        [.. Directory.GetFiles(At(run)).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    private string[] EventsWithoutWallClock(string run) => [.. Events(run).Select(line =>
    {
        Assert.True(line.Remove("wall"));
        line.Remove("time");
        return line.ToJsonString();
    })];

    private string[] Notices(string run, string kind) =>
        [.. Events(run).Where(line => (string?)line["kind"] == kind).Select(line => (string)line["text"]!)];

    private IEnumerable<JsonObject> Events(string run) => File.ReadAllLines(At($"{run}/events.jsonl"))
        .Select(line => JsonNode.Parse(line)!.AsObject());

    private JsonObject Summary(string run) => JsonNode.Parse(File.ReadAllText(At($"{run}/summary.json")))!.AsObject();

    private static string WithoutWallClock(JsonObject summary)
    {
        Assert.True(summary.Remove("wallClock"));
        return summary.ToJsonString();
    }
}
