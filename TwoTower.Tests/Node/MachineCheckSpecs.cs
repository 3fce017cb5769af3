using TwoTower.Node.Machine;
using TwoTower.Tests.Cluster.Local;

namespace TwoTower.Tests.Node;

/// <summary>What the doctor sees on a machine before a run stumbles over it.</summary>
public sealed class MachineCheckSpecs : IDisposable
{
    private static readonly DataPlace s_container =
        new(true, [("/", "overlay"), ("/tmp", "tmpfs"), ("/data", "ext4"), ("/data/scratch", "tmpfs")]);
    private readonly string _folder = Directory.CreateTempSubdirectory("twotower-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_folder_that_can_be_written_is_good_and_left_as_it_was()
    {
        Assert.True(WritableFolder.Of("run folder", Path.Combine(_folder, "runs", "mine"), "--out").Good);
        Assert.True(WritableFolder.Of("run folder", _folder, "--out").Good);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [UnixFact]
    public void A_folder_that_cannot_be_written_is_said_with_the_reason()
    {
        var file = Path.Combine(_folder, "runs");
        File.WriteAllText(file, "in the way");
        var blocked = WritableFolder.Of("run folder", Path.Combine(file, "mine"), "--out");
        Assert.Equal((false, $"nothing can be written in {Path.Combine(file, "mine")}: {file} is a file"), (blocked.Good, blocked.Found));
        Assert.Contains("--out", blocked.Advice, StringComparison.Ordinal);

        // Nobody, not even root, makes files there.
        var kernel = OperatingSystem.IsLinux() ? "/proc/self/runs" : "/dev/fd/runs";
        var refused = WritableFolder.Of("run folder", kernel, "--out");
        Assert.False(refused.Good);
        Assert.StartsWith($"nothing can be written in {Path.GetDirectoryName(kernel)}: ", refused.Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ml-1m.zip", "'ml-1m.zip' is relative, so every node looks for it in a working folder of its own")]
    [InlineData("./data/ml-1m.zip", "'./data/ml-1m.zip' is relative")]
    [InlineData("/home/me/ml-1m.zip", "'/home/me/ml-1m.zip' lies in this container's own file system, which no other container sees")]
    [InlineData("/database/ml-1m.zip", "lies in this container's own file system")]
    [InlineData("/tmp/ml-1m.zip", "lies in this container's own tmpfs at /tmp")]
    [InlineData("/data/scratch/ml-1m.zip", "lies in this container's own tmpfs at /data/scratch")]
    [InlineData("/data/../ml-1m.zip", "lies in this container's own file system")]
    public void Data_that_other_nodes_do_not_see_is_said(string path, string found)
    {
        var check = s_container.Of(path);

        Assert.False(check.Good);
        Assert.Contains(found, check.Found, StringComparison.Ordinal);
        Assert.NotEmpty(check.Advice);
    }

    [Fact]
    public void Data_in_a_volume_on_a_machine_by_its_whole_path_and_of_no_file_are_good()
    {
        Assert.True(s_container.Of("/data/ml-1m.zip").Good);
        Assert.True(s_container.Of(null).Good);
        Assert.True(new DataPlace(false, []).Of(Path.Combine(_folder, "ml-1m.zip")).Good);
        Assert.False(new DataPlace(false, []).Of("ml-1m.zip").Good);
    }

    [Theory]
    [InlineData("/data/ml-1m.zip", true)]
    [InlineData("ml-1m.zip", false)]
    [InlineData("./data/ml-1m.zip", false)]
    [InlineData("/home/me/ml-1m.zip", false)]
    [InlineData("/data/../home/ml-1m.zip", false)]
    [InlineData("/database/ml-1m.zip", false)]
    public void Compose_is_given_a_path_in_its_volume(string value, bool good)
    {
        var check = DataPlace.OfCompose(value);

        Assert.Equal(good, check.Good);
        Assert.Contains("TWOTOWER_DATA=/data/ml-1m.zip", check.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, 2, null, null, true)]
    [InlineData(3, 2, null, null, false)]
    [InlineData(2, 4, "2", null, true)]
    [InlineData(2, 4, "3", null, false)]
    [InlineData(2, 4, null, "8", false)]
    [InlineData(2, 4, "2,1", "1", true)]
    [InlineData(1, 4, "many", null, false)]
    [InlineData(1, 4, "0", null, false)]
    [InlineData(1, 4, " ", null, true)]
    public void More_threads_than_processors_are_said(int workers, int cores, string? omp, string? mkl, bool good)
    {
        var checks = ThreadBudget.Of(workers, cores, name => name switch { "OMP_NUM_THREADS" => omp, "MKL_NUM_THREADS" => mkl, _ => null })
            .ToArray();

        Assert.Equal(good, checks.All(check => check.Good));
        Assert.All(checks.Where(check => !check.Good), check => Assert.NotEmpty(check.Advice));
    }

    [Fact]
    public async Task The_doctor_looks_at_what_the_environment_says()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, ".env"), "TWOTOWER_DATA=./ratings.csv\n");
        await File.WriteAllTextAsync(Path.Combine(_folder, "appsettings.json"),
            """{ "TwoTower": { "data": { "path": "ratings.csv" }, "node": { "role": "worker", "workerActors": 1000 } } }""");

        var (code, output, error) = await TwoTowerProcess.RunAsync(_folder, ["doctor"]);

        Assert.True(code == 1, error);
        Assert.Contains("BAD  threads          1,000 workers of 1 thread on ", output, StringComparison.Ordinal);
        Assert.Contains("BAD  data for nodes   'ratings.csv' is relative", output, StringComparison.Ordinal);
        Assert.Contains("BAD  data for nodes   TWOTOWER_DATA=./ratings.csv", output, StringComparison.Ordinal);
        Assert.Contains("ok   run folder       runs can be written", output, StringComparison.Ordinal);
    }
}
