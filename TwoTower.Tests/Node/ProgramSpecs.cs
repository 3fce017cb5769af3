using System.Diagnostics;
using System.Text.Json.Nodes;

namespace TwoTower.Tests.Node;

/// <summary>The program as a person starts it: a process, its output, its exit code.</summary>
public sealed class ProgramSpecs : IDisposable
{
    private static readonly string[] s_quick = ["--set", "model.dim=8", "--consistency", "bsp"];
    private readonly string _folder = Directory.CreateTempSubdirectory("twotower-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_run_leaves_a_whole_folder_and_is_repeated_and_resumed_to_the_bit()
    {
        // More epochs than it was begun with: that is the same run only under a schedule that does not know the number of epochs.
        string[] constant = [.. s_quick, "--set", "optimizer.schedule=constant"];
        var whole = await RunAsync(["train", .. constant, "--epochs", "2", "--out", At("whole")]);
        var half = await RunAsync(["train", .. constant, "--epochs", "1", "--out", At("half")]);
        var again = await RunAsync(["train", "--resume", At("half"), "--epochs", "2"]);

        Assert.Equal((string.Empty, string.Empty, string.Empty), (whole.Error, half.Error, again.Error));
        Assert.Equal((0, 0, 0), (whole.Code, half.Code, again.Code));
        Assert.Contains("popularity", whole.Output, StringComparison.Ordinal);
        Assert.Contains("Protocol", whole.Output, StringComparison.Ordinal);
        Assert.All(whole.Output.Split('\n').Where(line => !line.StartsWith("Run folder", StringComparison.Ordinal)), line => Assert.True(line.Length <= 80, line));
        Assert.Equal(
            ["checkpoint.safetensors", "config.json", "item_embeddings.npy", "item_to_idx.json", "metrics.csv", "per_user_metrics.csv", "summary.json", "user_embeddings.npy", "user_to_idx.json"],
            Directory.GetFiles(At("whole")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var summary = Summary("whole");
        Assert.Equal((string)summary["parametersSha256"]!, (string)Summary("half")["parametersSha256"]!);
        Assert.Equal(2, summary["lossByEpoch"]!.AsArray().Count);
        foreach (var key in new[] { "data", "protocol", "best", "baselines", "throughput", "staleness", "shards" })
        {
            Assert.NotNull(summary[key]);
        }

        Assert.Equal(File.ReadAllText(At("whole/metrics.csv")).Split('\n').Length, File.ReadAllText(At("half/metrics.csv")).Split('\n').Length);
    }

    [Fact]
    public async Task Evaluate_gives_the_figures_that_the_run_gave()
    {
        var random = new TwoTower.Model.SeededRandom(4);
        var pairs = Enumerable.Range(0, 2400).OrderBy(_ => random.NextUInt64()).ToArray();
        var ratings = pairs.Select((pair, n) => new[] { $"{pair % 40}", $"{pair / 40}", n % 3 == 0 ? "3" : "5", $"{1000 + n}" }).ToArray();
        Write("ratings.csv", ratings);
        string[] quick = [.. s_quick, "--epochs", "2", "--batch-size", "64", "--set", "evaluate.cutoffs=5,10", "--set", "evaluate.metric=recall@10"];
        var trained = await RunAsync(["train", "--data", At("ratings.csv"), .. quick, "--out", At("run")]);
        Assert.True(trained.Code == 0, trained.Error);
        Write("train.csv", ratings[..1920].Where(cells => cells[2] == "5"));
        Write("val.csv", ratings[1920..2160].Where(cells => cells[2] == "5"));

        var evaluated = await RunAsync(["evaluate", "--embeddings", At("run"), "--positives", At("val.csv"), "--seen", At("train.csv"), "--cutoffs", "5,10", "--json"]);

        Assert.True(evaluated.Code == 0, evaluated.Error);
        var metrics = JsonNode.Parse(evaluated.Output)!["metrics"]!;
        var best = Summary("run")["best"]!["validation"]!["masked"]!;
        foreach (var metric in new[] { "recall@5", "recall@10", "ndcg@10", "mrr@10", "coverage@5" })
        {
            Assert.Equal((double)best[metric]!, (double)metrics[metric]!, 1e-12);
        }
    }

    [Theory]
    [InlineData("There is no file", "train", "--data", "/does/not/exist")]
    [InlineData("did you mean 'loss.temperature'", "train", "--set", "loss.temprature=1")]
    [InlineData("train.workers cannot be '0'", "train", "--workers", "0")]
    [InlineData("the catalogue has", "train", "--set", "evaluate.cutoffs=100000")]
    [InlineData("fewer than one batch", "train", "--batch-size", "1000000")]
    [InlineData("prefetch", "train", "--prefetch", "9")]
    [InlineData("There is no recipe 'recomended'", "train", "--recipe", "recomended")]
    [InlineData("is not the folder of a run", "train", "--resume", "/does/not/exist")]
    [InlineData("trian", "trian")]
    [InlineData("--protocol raw", "evaluate", "--embeddings", "x", "--positives", "y")]
    public async Task What_cannot_be_is_one_sentence_on_stderr(string expected, params string[] arguments)
    {
        var result = await RunAsync(arguments);

        Assert.NotEqual(0, result.Code);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Trim().Split('\n'));
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_ends_the_run_before_it_begins()
    {
        File.WriteAllText(At("file"), "in the way");

        var result = await RunAsync(["train", .. s_quick, "--out", At("file/run")]);

        Assert.Equal(1, result.Code);
        Assert.Contains("--out", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("examples/s", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_loss_that_diverges_is_one_sentence_and_no_summary()
    {
        var result = await RunAsync(["train", .. s_quick, "--set", "model.normalise=false", "--set", "optimizer.kind=sgd", "--set", "optimizer.learningRate=1e6", "--out", At("run")]);

        Assert.Equal(1, result.Code);
        Assert.Contains("finite", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(At("run/summary.json")));
    }

    [Fact]
    public async Task Ctrl_c_finishes_saves_and_the_run_goes_on_as_if_nothing_had_been()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // a signal cannot be sent to another process there
        }

        using var process = Start(["train", .. s_quick, "--epochs", "30", "--out", At("run")]);
        while (await process.StandardOutput.ReadLineAsync() is { } line && !line.StartsWith("epoch", StringComparison.Ordinal))
        {
        }

        using (var kill = Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        var rest = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(130, process.ExitCode);
        Assert.Contains("--resume", rest, StringComparison.Ordinal);
        Assert.Equal("interrupted", (string)Summary("run")["stopReason"]!);
        Assert.DoesNotContain(Directory.GetFiles(At("run")), file => file.EndsWith(".tmp", StringComparison.Ordinal));

        var resumed = await RunAsync(["train", "--resume", At("run")]);
        var whole = await RunAsync(["train", .. s_quick, "--epochs", "30", "--out", At("whole")]);
        Assert.Equal((0, string.Empty, 0), (resumed.Code, resumed.Error, whole.Code));
        Assert.Equal((string)Summary("whole")["parametersSha256"]!, (string)Summary("run")["parametersSha256"]!);
        Assert.Equal(Summary("whole")["lossByEpoch"]!.ToJsonString(), Summary("run")["lossByEpoch"]!.ToJsonString());
    }

    private void Write(string name, IEnumerable<string[]> rows) =>
        File.WriteAllLines(At(name), rows.Select(cells => string.Join(',', cells)).Prepend("userId,movieId,rating,timestamp"));

    private string At(string name) => Path.Combine(_folder, name);

    private JsonNode Summary(string run) => JsonNode.Parse(File.ReadAllText(At($"{run}/summary.json")))!;

    private static Process Start(string[] arguments) => Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "twotower.dll"), .. arguments])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        WorkingDirectory = Path.GetTempPath(),
    })!;

    private static Task<(int Code, string Output, string Error)> RunAsync(string[] arguments) => ProgramRun.RunAsync(arguments);
}
