using System.Text.Json.Nodes;
using CsCheck;
using TwoTower.Node.Planning;
using TwoTower.Tests.Node;

namespace TwoTower.Tests.Planning;

/// <summary>How many workers are worth it.</summary>
public sealed class PlanSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("twotower-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1, 2, 0, 1)]
    [InlineData(2, 2, 0, 1)]
    [InlineData(8, 2, 0, 4)]
    [InlineData(2, 2, 0.5, 1.5)]
    [InlineData(1, 2, 0.5, 1)]
    public void Workers_beyond_the_cores_share_them(int workers, int cores, double otherPerWorkerSecond, double expected) =>
        Assert.Equal(expected, CoreSharing.Slowdown(workers, cores, 2e-6, 2e-6 * otherPerWorkerSecond), 9);

    [Fact]
    public void No_number_of_workers_gets_more_out_of_a_machine_than_its_cores_do() =>
        Gen.Select(Gen.Int[1, 64], Gen.Int[1, 64], Gen.Double[1e-7, 1e-4], Gen.Double[0, 1e-4]).Sample((workers, cores, worker, other) =>
        {
            var throughput = workers / (worker * CoreSharing.Slowdown(workers, cores, worker, other));
            Assert.True(throughput * (worker + other) <= cores * (1 + 1e-9));
            Assert.True(throughput <= (workers / worker) * (1 + 1e-9));
        });

    [Fact]
    public void The_table_fits_a_terminal_and_counts_the_time_to_the_target()
    {
        var table = new PlanTable("recall@10", 0.2,
        [
            new SizePlan(1, new SizeOutcome(100_000, [(10, 0.1), (20, 0.3)]), 1, 0.9, 0.1, new SizeOutcome(80_000, [(12, 0.1), (24, 0.3)])),
            new SizePlan(10_000, new SizeOutcome(1_234_567_890, [(1, 0.1)]), 1, 0.123, 0.6),
        ]);
        var text = new StringWriter();

        table.Write(text);

        var lines = text.ToString().TrimEnd().Split('\n').Select(line => line.TrimEnd('\r')).ToArray();
        Assert.All(lines, line => Assert.True(line.Length <= 80, line));
        Assert.Equal(["1", "100,000", "1.00", "90.0%", "0.3000", "15.0", "80,000", "1.25"], Words(lines[2]));
        Assert.Equal(["10000", "1,234,567,890", "12345.68", "12.3%", "0.1000", "never", "-", "-"], Words(lines[3]));
        Assert.Contains("vary by 60% of their mean", lines[4], StringComparison.Ordinal);
        Assert.EndsWith("18.0 s to the target", lines[^1], StringComparison.Ordinal);
        Assert.Equal(1.25, (double)table.ToJson()["sizes"]![0]!["predictedOverMeasured"]!);
        Assert.Null(table.ToJson()["sizes"]![1]!["measured"]);
    }

    [Fact]
    public async Task A_plan_predicts_every_size_and_measures_those_that_fit()
    {
        SmallRatings.Write(At("ratings.csv"));
        var run = await ProgramRun.RunAsync([
            "plan", "--workers", "1,64", "--shards", "2", "--verify", "--json", "--data", At("ratings.csv"), "--epochs", "2",
            "--batch-size", "32",
            "--set", "model.dim=8", "--set", "evaluate.cutoffs=5,10", "--set", "evaluate.metric=recall@10"]);

        Assert.Equal((0, string.Empty), (run.Code, run.Error));
        var plan = JsonNode.Parse(run.Output)!;
        var (first, second) = (plan["sizes"]![0]!, plan["sizes"]![1]!);
        Assert.Equal((1, 64), ((int)first["workers"]!, (int)second["workers"]!));
        Assert.True((double)first["predicted"]!["examplesPerSecond"]! > 0);
        Assert.True((double)first["predictedOverMeasured"]! > 0);
        Assert.Null(second["measured"]);
        Assert.True((double)second["slowdown"]! >= 64.0 / Environment.ProcessorCount);
        Assert.True((double)plan["calibration"]!["workerSeconds"]! > 0);
        Assert.InRange((double)first["predicted"]!["secondsToTarget"]!, 1e-6, 1000); // 95 % of its own best is reached
    }

    [Theory]
    [InlineData("--machines cannot be 'two'", "--machines", "two")]
    [InlineData("--workers cannot be '1,x'", "--workers", "1,x")]
    [InlineData("--workers cannot be '0'", "--workers", "0")]
    [InlineData("take --machines each", "--network", "lan")]
    [InlineData("does not predict", "--machines", "each", "--verify")]
    [InlineData("METRIC>=VALUE", "--target", "recall@10>=2")]
    [InlineData("simulate --numerics off", "--set", "world.numerics=off")]
    public async Task A_plan_that_cannot_be_is_one_sentence_on_stderr(string expected, params string[] arguments)
    {
        var run = await ProgramRun.RunAsync(["plan", .. arguments]);

        Assert.Equal((2, string.Empty), (run.Code, run.Output));
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Trim().Split('\n'));
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private string At(string name) => Path.Combine(_folder, name);
}
