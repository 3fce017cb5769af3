using System.Diagnostics;
using System.Text.Json.Nodes;
using TwoTower.Tests.Cluster.Local;

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
        Assert.All(whole.Output.Split('\n').Where(line => !line.StartsWith("Run folder", StringComparison.Ordinal)),
            line => Assert.True(line.Length <= 80, line));
        Assert.Equal(
            ["checkpoint.safetensors", "config.json", "events.jsonl", "item_embeddings.npy", "item_to_idx.json", "metrics.csv",
                "per_user_metrics.csv", "summary.json", "user_embeddings.npy", "user_to_idx.json"],
            Directory.GetFiles(At("whole")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var summary = Summary("whole");
        Assert.Equal((string)summary["parametersSha256"]!, (string)Summary("half")["parametersSha256"]!);
        Assert.Equal(2, summary["lossByEpoch"]!.AsArray().Count);
        foreach (var key in new[] { "data", "protocol", "best", "baselines", "throughput", "staleness", "shards" })
        {
            Assert.NotNull(summary[key]);
        }

        Assert.Equal(File.ReadAllText(At("whole/metrics.csv")).Split('\n').Length, File.ReadAllText(At("half/metrics.csv"))
            .Split('\n').Length);
        Assert.Equal(0, (long)summary["resumedFromBatch"]!);
        Assert.True((long)Summary("half")["resumedFromBatch"]! > 0);
        var sources = JsonNode.Parse(File.ReadAllText(At("half/config.json")))!["sources"]!;
        Assert.Equal(("--epochs", "--set", "recipe recommended"),
            ((string)sources["train.epochs"]!, (string)sources["model.dim"]!, (string)sources["loss.kind"]!));

        var before = Directory.GetFiles(At("half")).ToDictionary(file => file, File.GetLastWriteTimeUtc);
        var nothing = await RunAsync(["train", "--resume", At("half")]);
        Assert.Equal((0, string.Empty), (nothing.Code, nothing.Error));
        Assert.StartsWith("Nothing to do", Assert.Single(nothing.Output.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFiles(At("half")).ToDictionary(file => file, File.GetLastWriteTimeUtc));
    }

    [Fact]
    public async Task A_run_goes_on_in_another_folder_with_its_metrics_and_says_when_the_schedule_makes_it_another_run()
    {
        var half = await RunAsync(["train", .. s_quick, "--epochs", "1", "--out", At("half")]);
        var longer = await RunAsync(["train", "--resume", At("half"), "--epochs", "2", "--out", At("longer")]);
        var taken = await RunAsync(["train", "--resume", At("half"), "--epochs", "3", "--out", At("longer")]);

        Assert.Equal((0, 0, 2), (half.Code, longer.Code, taken.Code));
        Assert.Contains("this is not the run that", longer.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.DoesNotContain("same bits", longer.Output, StringComparison.Ordinal);
        Assert.Contains("same bits", half.Output, StringComparison.Ordinal);
        Assert.Contains("holds a run already", taken.Error, StringComparison.Ordinal);
        Assert.StartsWith(File.ReadAllText(At("half/metrics.csv")), File.ReadAllText(At("longer/metrics.csv")), StringComparison.Ordinal);
        Assert.Contains("Best epoch", longer.Output, StringComparison.Ordinal);
        Assert.Contains(" by recall@50", longer.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Test, seen items masked", longer.Output, StringComparison.Ordinal); // without --final nobody looks at test
        Assert.Null(Summary("longer")["best"]!["test"]);
    }

    [UnixFact]
    public async Task A_signal_while_data_is_read_ends_the_program_with_a_sentence_and_no_folder()
    {
        using var process = Start(["train", .. s_quick, "--profile", "ml-1m", "--out", At("run")]);
        while (await process.StandardOutput.ReadLineAsync() is { } line && !line.Contains("data.profile", StringComparison.Ordinal))
        {
        }

        await SignalAsync(process, "-INT");
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal((130, "Stopped before training began; nothing was written."), (process.ExitCode, error.Trim()));
        Assert.False(Directory.Exists(At("run")));
    }

    [Fact]
    public async Task Evaluate_gives_the_figures_that_the_run_gave()
    {
        var random = new TwoTower.Model.SeededRandom(4);
        var pairs = Enumerable.Range(0, 2400).OrderBy(_ => random.NextUInt64()).ToArray();
        var ratings = pairs.Select((pair, n) => new[] { $"{pair % 40}", $"{pair / 40}", n % 3 == 0 ? "3" : "5", $"{1_000_000_000 + n}" })
            .ToArray();
        Write("ratings.csv", ratings);
        string[] quick = [.. s_quick, "--epochs", "2", "--batch-size", "64", "--set", "evaluate.cutoffs=5,10", "--set",
            "evaluate.metric=recall@10"];
        var trained = await RunAsync(["train", "--data", At("ratings.csv"), .. quick, "--out", At("run")]);
        Assert.True(trained.Code == 0, trained.Error);
        Write("train.csv", ratings[..1920]);
        Write("val.csv", ratings[1920..2160]);

        var evaluated = await RunAsync(["evaluate", "--embeddings", At("run"), "--positives", At("val.csv"), "--seen", At("train.csv"),
            "--cutoffs", "5,10", "--json"]);

        Assert.True(evaluated.Code == 0, evaluated.Error);
        var metrics = JsonNode.Parse(evaluated.Output)!["metrics"]!;
        Assert.True((int)JsonNode.Parse(evaluated.Output)!["rowsBelowThreshold"]! > 600);
        var best = Summary("run")["best"]!["validation"]!["masked"]!;
        foreach (var metric in new[] { "recall@5", "recall@10", "ndcg@10", "mrr@10", "coverage@5" })
        {
            Assert.Equal((double)best[metric]!, (double)metrics[metric]!, 1e-12);
        }
    }

    [Theory]
    [InlineData("There is no file", "train", "--data", "/does/not/exist")]
    [InlineData("did you mean 'loss.temperature' (", "train", "--set", "loss.temprature=1")]
    [InlineData("train.workers cannot be '0'", "train", "--workers", "0")]
    [InlineData("prefetch", "train", "--prefetch", "9")]
    [InlineData("There is no recipe 'recomended'", "train", "--recipe", "recomended")]
    [InlineData("is not the folder of a run", "train", "--resume", "/does/not/exist")]
    [InlineData("--data needs a path", "train", "--data", "")]
    [InlineData("--out needs a path", "train", "--out", "")]
    [InlineData("RUN needs a path", "report", "")]
    [InlineData("A node goes on with a run by its --state", "node", "--resume", "x")]
    [InlineData("TRACE needs a path", "replay", "")]
    [InlineData("--resume needs a path", "sweep", "--resume", "")]
    [InlineData("--protocol cannot be '0'", "evaluate", "--embeddings", "x", "--positives", "y", "--protocol", "0")]
    [InlineData("there are none; make it larger", "train", "--batch-size", "1")]
    [InlineData("cannot be read: it does not exist", "evaluate", "--embeddings", "/does/not/exist", "--positives", "y", "--seen", "z")]
    [InlineData("trian", "trian")]
    [InlineData("--protocol raw", "evaluate", "--embeddings", "x", "--positives", "y")]
    [InlineData("Name --run FOLDER", "evaluate", "--embeddings", "x")]
    [InlineData("--final needs --run", "evaluate", "--embeddings", "x", "--positives", "y", "--final")]
    [InlineData("leave --seen out", "evaluate", "--run", "x", "--seen", "y")]
    [InlineData("leave --lenient out", "evaluate", "--run", "x", "--lenient")]
    [InlineData("name some with --data", "doctor", "--set", "data.userColumn=u")]
    [InlineData("evaluate.baselines cannot be 'best'; it takes all, or names", "train", "--set", "evaluate.baselines=best")]
    [InlineData("--windows cannot be 'one'; it takes a whole number from 2 to 1000", "train", "--windows", "one")]
    [InlineData("--windows needs a split by time, which leave last out is not", "train", "--windows", "3", "--split", "leave-last-out")]
    [InlineData("leave one of them out", "train", "--windows", "3", "--refit")]
    [InlineData("model.priorDays' is no setting any more; model.priorWindow takes days (8d)", "train", "--set", "model.priorDays=8")]
    [InlineData("--windows needs a split by time", "baselines", "--windows", "2", "--split", "leave-last-out")]
    [InlineData("Leave one of them out", "baselines", "--windows", "2", "--final")]
    [InlineData("'train.epochs' has no part in baselines", "baselines", "--set", "train.epochs=2")]
    public async Task What_cannot_be_is_one_sentence_on_stderr(string expected, params string[] arguments)
    {
        var result = await RunAsync(arguments);

        Assert.Equal(2, result.Code);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Trim().Split('\n'));
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_ends_the_run_before_it_begins()
    {
        File.WriteAllText(At("file"), "in the way");

        var result = await RunAsync(["train", .. s_quick, "--out", At("file/run")]);

        Assert.Equal(2, result.Code);
        Assert.Contains("--out", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Data ", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("examples/s", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_loss_that_diverges_is_one_sentence_and_no_summary()
    {
        var result = await RunAsync(["train", .. s_quick, "--set", "model.normalise=false", "--set", "optimizer.kind=sgd", "--set",
            "optimizer.learningRate=1e6", "--out", At("run")]);

        Assert.Equal(1, result.Code);
        Assert.Contains("finite", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(At("run")));
    }

    [UnixFact]
    public async Task Ctrl_c_finishes_saves_and_the_run_goes_on_as_if_nothing_had_been()
    {
        using var process = Start(["train", .. s_quick, "--epochs", "30", "--out", At("run")]);
        while (await process.StandardOutput.ReadLineAsync() is { } line && !line.StartsWith("epoch", StringComparison.Ordinal))
        {
        }

        await SignalAsync(process, "-HUP"); // as when a terminal is closed; Ctrl-C and SIGTERM take the same way

        var rest = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(130, process.ExitCode);
        Assert.Contains("--resume", rest, StringComparison.Ordinal);
        Assert.Contains("the same command, stopped again, ends elsewhere", rest, StringComparison.Ordinal);
        Assert.DoesNotContain("same bits", rest, StringComparison.Ordinal);
        Assert.Equal("interrupted", (string)Summary("run")["stopReason"]!);
        Assert.DoesNotContain(Directory.GetFiles(At("run")), file => file.EndsWith(".tmp", StringComparison.Ordinal));

        var resumed = await RunAsync(["train", "--resume", At("run")]);
        var whole = await RunAsync(["train", .. s_quick, "--epochs", "30", "--out", At("whole")]);
        Assert.Equal((0, string.Empty, 0), (resumed.Code, resumed.Error, whole.Code));
        Assert.Equal((string)Summary("whole")["parametersSha256"]!, (string)Summary("run")["parametersSha256"]!);
        Assert.Equal(Summary("whole")["lossByEpoch"]!.ToJsonString(), Summary("run")["lossByEpoch"]!.ToJsonString());
    }

    private static async Task SignalAsync(Process process, string signal)
    {
        using var kill = Process.Start("kill", [signal, process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private void Write(string name, IEnumerable<string[]> rows) =>
        File.WriteAllLines(At(name), rows.Select(cells => string.Join(',', cells)).Prepend("userId,movieId,rating,timestamp"));

    private string At(string name) => Path.Combine(_folder, name);

    private JsonNode Summary(string run) => JsonNode.Parse(File.ReadAllText(At($"{run}/summary.json")))!;

    private static Process Start(string[] arguments) => Process.Start(new ProcessStartInfo("dotnet", [TestedProgram.Path, .. arguments])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        WorkingDirectory = Path.GetTempPath(),
    })!;

    private static Task<(int Code, string Output, string Error)> RunAsync(string[] arguments) => ProgramRun.RunAsync(arguments);
}
