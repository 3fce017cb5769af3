using System.Globalization;
using TwoTower.Samples;
using TwoTower.Tests.Node;

namespace TwoTower.Tests.Samples;

/// <summary>docs/library.md: the code that it shows is code that runs.</summary>
public sealed class SampleSpecs
{
    [Fact]
    public void The_page_shows_every_sample_as_it_is()
    {
        var folder = Path.Combine(ReadmeSpecs.Root(), "TwoTower.Samples");
        var page = File.ReadAllText(Path.Combine(ReadmeSpecs.Root(), "docs", "library.md")).ReplaceLineEndings("\n");

        var samples = Directory.GetFiles(folder, "*.cs").Where(file => Path.GetFileName(file) is not ("Program.cs" or "Likes.cs")).ToList();

        Assert.Equal(5, samples.Count);
        Assert.All(samples, file => Assert.Contains(
            "```csharp\n" + File.ReadAllText(file).ReplaceLineEndings("\n").Trim() + "\n```\n", page, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Training_on_own_pairs_learns_what_users_like_and_recommends_it()
    {
        var lines = await Printed(TrainOnOwnPairs.RunAsync);

        // 50 items are of a user's kind, and about 19 of them are seen: by chance it would be 0.06.
        Assert.InRange(double.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), 0.25, 0.4);
        Assert.StartsWith("user 0: item ", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_loss_of_ones_own_falls()
    {
        var line = (await Printed(OwnLoss.RunAsync))[0];

        var losses = line["hinge by epoch: ".Length..].Split(", ")
            .Select(loss => double.Parse(loss, CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(5, losses.Length);
        Assert.True(losses[^1] < losses[0] - 0.1, line);
    }

    [Fact]
    public async Task A_consistency_rule_of_ones_own_holds_in_a_simulated_world_and_the_page_says_what_it_prints()
    {
        var lines = await Printed(OwnConsistency.RunAsync);

        Assert.Equal("7 clocks apart at most, 0 violations, 16.0 virtual s", lines[0]);
    }

    [Fact]
    public async Task A_partitioner_of_ones_own_decides_where_rows_lie()
    {
        var lines = await Printed(OwnPartitioner.RunAsync);

        Assert.Equal(["shard 0: 40 rows", "shard 1: 180 rows", "shard 2: 180 rows"], lines.Select(line => line.Split(',')[0]));
    }

    [Fact]
    public async Task A_staleness_policy_of_ones_own_leaves_pushes_out()
    {
        var lines = await Printed(OwnStalenessPolicy.RunAsync);

        Assert.Contains("16 pushes left out", lines[0], StringComparison.Ordinal);
    }

    private static async Task<string[]> Printed(Func<TextWriter, Task> sample)
    {
        using var output = new StringWriter();
        await sample(output);
        return output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
    }
}
