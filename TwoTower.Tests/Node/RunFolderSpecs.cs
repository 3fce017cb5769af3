using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Sampling;
using TwoTower.Model.Storage;
using TwoTower.Node.Engines;
using TwoTower.Node.Recipes;
using TwoTower.Node.Runs;
using TwoTower.Tests.Data;

namespace TwoTower.Tests.Node;

public sealed class RunFolderSpecs : IDisposable
{
    private static readonly RecommenderData s_data = SmallData.Make();
    private readonly TemporaryFolder _folder = new();

    private string Path => System.IO.Path.Combine(_folder.Path, "runs", "mine");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_that_was_killed_before_its_first_checkpoint_does_not_block_its_folder()
    {
        Begun().Dispose();
        File.WriteAllText(At("metrics.csv"), "epoch,batches\n");
        File.WriteAllText(At("checkpoint.safetensors.7.tmp"), "half");
        File.WriteAllText(At("notes.txt"), "a person's own");

        var refusal = Assert.Throws<StorageException>(() => RunFolder.Open(Path).Load());
        using var again = RunFolder.Create(Path, "recommended");
        again.Begin();

        Assert.Contains("ended before its first one", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["notes.txt", "run.lock"], Names());
    }

    [Fact]
    public void A_failure_before_the_first_checkpoint_leaves_nothing_that_the_run_made()
    {
        using var run = Begun();
        run.Abandon();

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_failure_after_the_first_checkpoint_leaves_what_can_be_gone_on_from()
    {
        using (var run = Begun())
        {
            run.Save(Checkpoint());
            run.Abandon();
        }

        Assert.Equal(["checkpoint.safetensors", "config.json"], Names());
        Assert.Contains("holds a run already", Assert.Throws<StorageException>(() => RunFolder.Create(Path, "recommended")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_is_started_over_and_over_with_one_command_goes_on_or_gets_a_folder_of_its_own()
    {
        var parent = _folder.Path;
        string Next(bool goesOn) => System.IO.Path.GetRelativePath(parent, RunFolder.Numbered(parent, goesOn));
        void Leave(string run, string file)
        {
            Directory.CreateDirectory(System.IO.Path.Combine(parent, run));
            File.WriteAllText(System.IO.Path.Combine(parent, run, file), "{}");
        }

        Assert.Equal(["run", "run"], [Next(goesOn: false), Next(goesOn: true)]);
        Leave("run", "config.json");
        Assert.Equal(["run", "run"], [Next(goesOn: false), Next(goesOn: true)]); // killed before its first checkpoint
        Leave("run", "summary.json");
        Assert.Equal(["run-2", "run"], [Next(goesOn: false), Next(goesOn: true)]);
        Leave("run-2", "config.json");
        Assert.Equal(["run-2", "run-2"], [Next(goesOn: false), Next(goesOn: true)]);
        Leave("run-2", "checkpoint.safetensors");
        Assert.Equal(["run-3", "run-2"], [Next(goesOn: false), Next(goesOn: true)]);
    }

    [Fact]
    public void A_folder_in_which_a_run_is_at_work_is_left_to_it()
    {
        using var first = Begun();
        using var second = RunFolder.Create(Path, "recommended");

        Assert.Contains("Another run is at work", Assert.Throws<StorageException>(second.Begin).Message, StringComparison.Ordinal);
        Assert.Contains("config.json", Names());
    }

    [Theory]
    [InlineData("config.json", "{}")]
    [InlineData("metrics.csv", "mine")]
    [InlineData("user_embeddings.npy", "mine")]
    public void A_file_of_somebody_else_is_not_overwritten(string name, string content)
    {
        Directory.CreateDirectory(Path);
        File.WriteAllText(At(name), content);

        Assert.Contains("would be overwritten", Assert.Throws<StorageException>(() => RunFolder.Create(Path, "recommended")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_lies_in_the_folder_and_is_no_runs_is_named_and_what_a_run_left_is_not()
    {
        Directory.CreateDirectory(At("photos"));
        Directory.CreateDirectory(At("tensorboard"));
        foreach (var name in new[] { "letter.txt", "config.json", "metrics.csv", "events.jsonl", "config.json.123.tmp" })
        {
            File.WriteAllText(At(name), "{ \"dataFingerprint\": \"1\" }");
        }

        using var folder = RunFolder.Create(Path, "recommended");

        Assert.Equal(["letter.txt", "photos"], folder.Others);
    }

    [Fact]
    public void A_file_in_the_way_of_the_folder_is_found_before_anything_is_made()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        File.WriteAllText(Path, "in the way");

        Assert.Contains("is a file", Assert.Throws<StorageException>(() => RunFolder.Create(At("deeper"), "recommended")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_comes_back_as_it_was_and_a_damaged_one_is_refused()
    {
        using var run = Begun();
        run.Save(Checkpoint());
        var bytes = File.ReadAllBytes(At("checkpoint.safetensors"));

        Assert.Equal([0.5, 1.0 / 3], run.Load().LossByEpoch);
        Assert.Equal("4 2: 1 0 -1 -1",
            $"{run.Load().Ranking!.Step} {run.Load().Ranking!.Depth}: {string.Join(' ', run.Load().Ranking!.Items)}");
        foreach (var at in new[] { bytes.Length - 1, bytes.Length - 9, bytes.AsSpan().IndexOf("0.5 "u8) })
        {
            var damaged = bytes.ToArray();
            damaged[at] ^= 1;
            File.WriteAllBytes(At("checkpoint.safetensors"), damaged);
            Assert.Contains("damaged", Assert.Throws<StorageException>(run.Load).Message, StringComparison.Ordinal);
        }

        File.WriteAllBytes(At("checkpoint.safetensors"), bytes[..40]);
        Assert.Contains("damaged", Assert.Throws<StorageException>(run.Load).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_config_comes_back_with_its_sources()
    {
        var settings = RecipeReader.Read("seed-bpr");
        settings.Set("train.epochs", "7", "--epochs");
        using var run = Begun();
        run.WriteConfig(new LiveEngine(), new RunConfig(settings, "abc", ScheduleCutAtBatch: 12), s_data);

        var read = run.ReadConfig();

        Assert.Equal(("abc", 12L, 7), (read.Fingerprint, read.ScheduleCutAtBatch, read.Settings.Values.Training.Epochs));
        Assert.Equal(
            ("--epochs", "recipe seed-bpr", "default"),
            (read.Settings.SourceOf("train.epochs"), read.Settings.SourceOf("loss.kind"), read.Settings.SourceOf("train.leaseSeconds")));
    }

    [Theory]
    [InlineData("{}", "it has no recipe")]
    [InlineData("[]", "it has no object")]
    [InlineData("{", "is not the JSON that belongs there")]
    [InlineData("{\"recipe\":\"r\",\"dataFingerprint\":\"f\",\"sources\":{},\"settings\":{\"train.epochs\":\"none\"}}",
        "train.epochs cannot be 'none'")]
    public void A_config_that_is_none_is_refused_in_words(string content, string message)
    {
        Begun().Dispose();
        File.WriteAllText(At("config.json"), content);

        var refusal = Assert.Throws<StorageException>(() => RunFolder.Open(Path).ReadConfig());

        Assert.Contains("config.json", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
        Assert.False(refusal.Writing);
    }

    private static TrainingCheckpoint Checkpoint() => new()
    {
        Step = 4,
        Tensors = new Dictionary<string, float[]> { ["user"] = [1, 2], ["item"] = [3, 4, 5] },
        RowSteps = new Dictionary<string, int[]> { ["user"] = [1], ["item"] = [2, 3] },
        LossByEpoch = [0.5, 1.0 / 3],
        BatchLosses = [],
        Evaluations = [(2, 0.25), (4, 0.5)],
        Ranking = new RankedNegatives(4, 2, [1, 0, -1, -1]),
        BestTensors = null,
    };

    private RunFolder Begun()
    {
        var folder = RunFolder.Create(Path, "recommended");
        folder.Begin();
        folder.WriteConfig(new LiveEngine(), new RunConfig(RecipeReader.Read("recommended"), s_data.Fingerprint), s_data);
        return folder;
    }

    private string At(string name) => System.IO.Path.Combine(Path, name);

    private IEnumerable<string?> Names() => Directory.GetFiles(Path).Select(System.IO.Path.GetFileName).Order(StringComparer.Ordinal);
}
