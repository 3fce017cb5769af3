using System.Text.Json.Nodes;
using TwoTower.Model.Storage;
using TwoTower.Node.Library;
using TwoTower.Node.Telemetry;
using TwoTower.Tests.Dashboard;
using TwoTower.Tests.Data;
using TwoTower.Tests.Node;
using TwoTower.Tests.Telemetry;

namespace TwoTower.Tests.Library;

[Collection(TrainedRuns.Name)]
public sealed class RunLibrarySpecs : IDisposable
{
    private static readonly string[] s_runFiles = ["config.json", "summary.json", "metrics.csv", "events.jsonl", "per_user_metrics.csv"];

    private readonly TemporaryFolder _folder = new();
    private readonly TrainedRuns _runs;

    public RunLibrarySpecs(TrainedRuns runs) => _runs = runs;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_entry_says_what_the_run_says()
    {
        Copy("run");
        var summary = Summary("run");

        var run = Assert.Single(Read());

        Assert.Equal(("run", RunStatus.Finished, "train", "recommended", 2, 2, "ssp:4", "recall@10"),
            (run.Path, run.Status, run.Command, run.Recipe, run.Workers, run.Shards, run.Consistency, run.Metric));
        var best = summary["best"]!;
        Assert.Equal((double)best["validation"]!["masked"]!["recall@10"]!, run.Recall!.Value.Value);
        Assert.InRange(run.Recall.Value.Value, run.Recall.Value.Low, run.Recall.Value.High);
        Assert.Equal(run.Recall.Value.Value - (double)summary["baselines"]!["popularity"]!["validation"]!["masked"]!["recall@10"]!,
            run.MinusPopularity!.Value.Value, 1e-9);
        Assert.InRange(run.MinusPopularity.Value.Value, run.MinusPopularity.Value.Low, run.MinusPopularity.Value.High);
        Assert.Equal((double)summary["staleness"]!["mean"]!, run.MeanStaleness);
        Assert.Equal((double)summary["throughput"]!["examplesPerSecond"]!, run.ExamplesPerSecond);
        Assert.InRange(TimeProvider.System.GetUtcNow().UtcDateTime - run.Started!.Value, TimeSpan.Zero, TimeSpan.FromHours(1));
    }

    [Fact]
    public void How_a_run_stands_is_seen_from_its_files_and_its_lock()
    {
        Copy("finished");
        Copy("killed", ["config.json", "events.jsonl"]);
        CutEnd("killed");
        Copy("killed after a resume");
        CutEnd("killed after a resume");
        Copy("killed at once", ["config.json"]);
        Copy("interrupted");
        Write("interrupted/events.jsonl", Text("interrupted/events.jsonl").Replace("\"reason\":\"finished\"", "\"reason\":\"interrupted\"",
            StringComparison.Ordinal));
        Copy("half a summary");
        Write("half a summary/summary.json", Text("finished/summary.json")[..200]);
        Copy("half a config");
        Write("half a config/config.json", Text("finished/config.json")[..200]);
        Copy("of an earlier version", ["config.json", "summary.json", "metrics.csv", "per_user_metrics.csv"]);
        Write("of an earlier version/run.lock", string.Empty);
        Copy("at work", ["config.json", "events.jsonl", "metrics.csv"]);
        CutEnd("at work");
        File.AppendAllText(At("at work/events.jsonl"), "{\"type\":\"progress\",\"half");
        Directory.CreateDirectory(At("of somebody else"));
        Write("of somebody else/config.json", "{\"port\":80}");
        using var held = new FileStream(At("at work/run.lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);

        var runs = Read().ToDictionary(run => run.Path);

        Assert.Equal(
            new Dictionary<string, RunStatus>
            {
                ["finished"] = RunStatus.Finished,
                ["killed"] = RunStatus.Crashed,
                ["killed after a resume"] = RunStatus.Crashed,
                ["killed at once"] = RunStatus.Crashed,
                ["interrupted"] = RunStatus.Interrupted,
                ["half a summary"] = RunStatus.Damaged,
                ["half a config"] = RunStatus.Damaged,
                ["of an earlier version"] = RunStatus.Finished,
                ["at work"] = RunStatus.Running,
            },
            runs.ToDictionary(run => run.Key, run => run.Value.Status));
        Assert.Equal(1, runs["at work"].Done);
        Assert.NotNull(runs["at work"].Recall);
        Assert.Equal("summary.json cannot be read", runs["half a summary"].Problem);
    }

    [Fact]
    public void Runs_are_found_three_folders_down_and_not_in_runs()
    {
        Copy("sweep/runs/a-1");
        Copy("sweep/runs/a-1/inner");
        Copy("a/b/c/d");
        Copy(".hidden");

        Assert.Equal("sweep/runs/a-1", Assert.Single(Read()).Path);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(20_000)]
    public void How_far_a_run_is_that_was_gone_on_with_is_told_by_its_latest_beginning(int lines)
    {
        var run = new MadeRun(_folder.Path, "run");
        run.Train(10);
        run.Tell(new RunEvent.Begin
        {
            Time = new DateTime(2026, 2, 3, 4, 5, 6, DateTimeKind.Utc),
            FromBatch = 20,
            TotalBatches = 100_000,
            Command = "train",
            Recipe = "made",
            Consistency = "bsp",
            Metric = "recall@50",
            Cutoffs = [10]
        });
        run.Tell(Enumerable.Range(11, lines).Select(n => MadeRun.Progress(n, 1)));
        using var work = run.Work();

        var entry = Assert.Single(Read());

        Assert.Equal((RunStatus.Running, (20 + (2 * lines)) / 100_000.0, new DateTime(2026, 2, 3, 4, 5, 6)),
            (entry.Status, entry.Done, entry.Started));
    }

    [Fact]
    public void The_best_of_a_run_at_work_is_where_the_deciding_metric_is_best()
    {
        var run = new MadeRun(_folder.Path, "run");
        File.WriteAllText(Path.Combine(run.Folder, "metrics.csv"), "epoch,recall@10,recall@50\n1,0.09,0.20\n2,0.08,0.25\n3,,\n");
        using var work = run.Work();

        Assert.Equal(0.08, Assert.Single(Read()).Recall!.Value.Value);
    }

    [Fact]
    public void A_damaged_index_is_done_without()
    {
        Copy("run");
        using var library = RunLibrary.Open(_folder.Path);
        var before = library.Read();
        using (var database = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={At("runs.db")};Pooling=false"))
        {
            database.Open();
            using var drop = database.CreateCommand();
            drop.CommandText = "drop table runs";
            drop.ExecuteNonQuery();
        }

        Assert.Equal(before, library.Read());
        Assert.Equal(before, library.Read());
    }

    [Theory]
    [InlineData("999999999999")]
    [InlineData("many")]
    public void One_odd_config_leaves_the_others_in_the_table(string workers)
    {
        Copy("run");
        var odd = new MadeRun(_folder.Path, "odd");
        var config = Path.Combine(odd.Folder, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"train.workers\": \"2\"", $"\"train.workers\": \"{workers}\"",
            StringComparison.Ordinal));

        Assert.Equal([("odd", true), ("run", false)], Read().Select(run => (run.Path, run.Status == RunStatus.Damaged)).Order());
    }

    [Fact]
    public void The_index_is_read_instead_of_the_run_until_the_run_changes_and_may_be_deleted()
    {
        Copy("run");
        Copy("other");
        var first = Read();
        Assert.True(File.Exists(At("runs.db")));
        Assert.False(File.Exists(At("runs.db-wal")));

        var (time, length) = (File.GetLastWriteTimeUtc(At("run/config.json")), new FileInfo(At("run/config.json")).Length);
        Write("run/config.json", new string(' ', (int)length - 1) + "{");
        File.SetLastWriteTimeUtc(At("run/config.json"), time);
        Assert.Equal(first, Read()); // as if nothing had happened

        File.SetLastWriteTimeUtc(At("run/config.json"), time.AddSeconds(1));
        Assert.Equal(RunStatus.Damaged, Read().Single(run => run.Path == "run").Status);

        Directory.Delete(At("run"), recursive: true);
        Assert.Equal(first.Where(run => run.Path == "other"), Read());
        File.Delete(At("runs.db"));
        Assert.Equal(first.Where(run => run.Path == "other"), Read());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Where_no_index_can_be_written_runs_are_listed_all_the_same(bool isFolder)
    {
        Copy("run");
        if (isFolder)
        {
            Directory.CreateDirectory(At("runs.db"));
        }
        else
        {
            Write("runs.db", new string('x', 5000));
        }

        Assert.Equal(RunStatus.Finished, Assert.Single(Read()).Status);
        Assert.True(isFolder || Text("runs.db").StartsWith('x'), "What is not ours was overwritten.");
    }

    [Fact]
    public async Task The_command_prints_a_table_of_80_columns_and_the_same_as_json()
    {
        Copy("a very long name of a run that somebody has given because names are free");
        var (code, output, error) = await ProgramRun.RunAsync("runs", _folder.Path);
        var json = await ProgramRun.RunAsync("runs", _folder.Path, "--json");
        var nowhere = await ProgramRun.RunAsync("runs", At("nowhere"));

        Assert.Equal((0, string.Empty), (code, error));
        Assert.All(output.Split('\n'), line => Assert.True(line.Length <= 80, line));
        Assert.Contains("finished", output, StringComparison.Ordinal);
        Assert.Contains("pop. ", output, StringComparison.Ordinal);
        var run = Assert.Single(JsonNode.Parse(json.Output)!.AsArray())!;
        Assert.Equal(("finished", 2, true), ((string)run["status"]!, (int)run["workers"]!, run["recall"]!["low"] is not null));
        Assert.Equal(2, nowhere.Code);
        Assert.Contains("There is no folder", nowhere.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_runs_is_left_as_it_is()
    {
        Assert.Empty(Read());
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        Assert.Throws<StorageException>(() => RunLibrary.Open(At("nowhere")));
    }

    private string At(string name) => Path.Combine(_folder.Path, name);

    private string Text(string name) => File.ReadAllText(At(name));

    private void Write(string name, string text) => File.WriteAllText(At(name), text);

    private JsonNode Summary(string run) => JsonNode.Parse(Text($"{run}/summary.json"))!;

    private IReadOnlyList<RunEntry> Read()
    {
        using var library = RunLibrary.Open(_folder.Path);
        return library.Read();
    }

    private void Copy(string name, string[]? files = null)
    {
        Directory.CreateDirectory(At(name));
        foreach (var file in files ?? s_runFiles)
        {
            File.Copy(Path.Combine(_runs.Run, file), At($"{name}/{file}"));
        }
    }

    private void CutEnd(string name) => File.WriteAllLines(At($"{name}/events.jsonl"), File.ReadAllLines(At($"{name}/events.jsonl"))[..^1]);
}
