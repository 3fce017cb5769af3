using TwoTower.Node.Sweeps;

namespace TwoTower.Tests.Sweeps;

/// <summary>What is concluded from runs, against numbers made by hand.</summary>
public class SweepResultsSpecs
{
    [Fact]
    public void The_target_is_a_share_of_the_best_that_the_base_reached_with_the_same_seed()
    {
        // Seed 1 reaches 0.2, so 0.19: from (100, 0.1) to (200, 0.2) that is at 190. Seed 2 reaches 0.4, so 0.38, at 195 from (100, 0.0).
        var results = Results((0, 1, [0.1, 0.2]), (0, 2, [0.0, 0.4]), (4, 1, [0.19, 0.3]), (4, 2, [0.0, 0.19, 0.57]));

        Assert.Equal(0.285, results.Target!.Value, 1e-12);
        Assert.Equal(192.5, results[results.Plan.Base].Batches!.Value.Value, 1e-9);

        // Staleness 4: seed 1 is there at its first evaluation, 100/190; seed 2 at 250, 250/195. Half the difference of
        // the two times t(1) is half the interval.
        var ratio = results.Points[1].BatchesOverBase!.Value;
        var (first, second) = (100.0 / 190, 250.0 / 195);
        Assert.Equal((first + second) / 2, ratio.Value, 1e-9);
        Assert.Equal(12.706205 * (second - first) / 2, (ratio.High - ratio.Low) / 2, 1e-5);
    }

    [Fact]
    public void A_point_of_which_a_seed_misses_the_target_has_no_mean()
    {
        var results = Results((0, 1, [0.1, 0.2]), (0, 2, [0.1, 0.2]), (4, 1, [0.1, 0.2]), (4, 2, [0.1, 0.15]));

        Assert.Equal((1, 2), (results.Points[1].Reached, results.Points[1].Runs.Count));
        Assert.Null(results.Points[1].Batches);
        Assert.Null(results.Points[1].BatchesOverBase);
        Assert.Equal(1, results.Points[0].BatchesOverBase!.Value.Value);
        Assert.Equal(0.175, results.Points[1].Best!.Value.Value, 1e-12);
    }

    [Fact]
    public void A_failed_run_leaves_the_rest_and_is_counted()
    {
        var results = Results((0, 1, [0.1, 0.2]), (0, 2, [0.1, 0.2]), (4, 1, [0.1, 0.2]), (4, 2, null));
        var text = new StringWriter();

        SweepTables.Print(text, results);

        Assert.Equal((1, 1), (results.Points[1].Missing, results.Points[1].Runs.Count));
        Assert.Null(results.Points[1].Best);
        Assert.Contains("1/2", text.ToString(), StringComparison.Ordinal);
        Assert.All(text.ToString().Split('\n'), line => Assert.True(line.TrimEnd().Length <= 80, line));
    }

    [Fact]
    public void A_line_holds_everything_but_its_axis()
    {
        var plan = SweepPlanSpecs.Plan(["staleness=4,0", "workers=1,2", "shards=1,3"], draft => draft with { Vary = SweepVary.All });
        var results = new SweepResults(plan, [.. plan.Cells.Select(cell => new CellOutcome(cell, null, null))]);

        var lines = AxisLine.Of(results, 0);

        Assert.Equal(["", "shards=3", "workers=2", "workers=2 shards=3"], lines.Select(line => line.Held));
        Assert.All(lines, line => Assert.Equal(1, line.Points[0].Point.DistanceTo(line.Points[1].Point)));
        Assert.Equal(1, lines[0].ReferenceIndex);
    }

    internal static SweepResults Results(params (int Staleness, long Seed, double[]? Recall)[] runs)
    {
        var plan = SweepPlanSpecs.Plan(["staleness=0,4"], draft => draft with { SeedCount = 2 });
        return new SweepResults(plan, [.. plan.Cells.Select(cell =>
        {
            var recall = runs.Single(run => $"{run.Staleness}" == cell.Point.Values[0] && run.Seed == cell.Seed).Recall;
            return new CellOutcome(cell, recall is null ? null : Run(recall), recall is null ? "it diverged" : null);
        })]);
    }

    /// <summary>A run with an evaluation every 100 batches.</summary>
    internal static RunRecord Run(double[] recall) => new()
    {
        Folder = "nowhere",
        Command = "simulate",
        Settings = new Dictionary<string, string>(),
        Fingerprint = "x",
        StopReason = "finished",
        Evaluations =
            [.. recall.Select((value, n) => new RunEvaluation(100 * (n + 1), 6400 * (n + 1), n + 1,
            new Dictionary<string, double> { ["recall@10"] = value, ["recall@50"] = value }))],
        Best = new Dictionary<string, double> { ["recall@50"] = recall.Max() },
        Seconds = 10,
        IdleShare = 0.25,
        TrafficBytes = 1e6,
        LoadImbalance = 1.5,
        Staleness = (0.5, 3, 7),
        StalenessHistograms = new Dictionary<string, long[]> { ["item/top 1%"] = [5, 5, 2], ["user/rest"] = [9, 1] },
        Time = new Dictionary<string, double>(),
        ParametersSha256 = new string('a', 64),
    };
}
