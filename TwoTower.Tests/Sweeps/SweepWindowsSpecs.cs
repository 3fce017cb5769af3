using TwoTower.Node.Runs;
using TwoTower.Node.Settings;
using TwoTower.Node.Sweeps;
using TwoTower.Tests.Data;
using TwoTower.Tests.Node;

namespace TwoTower.Tests.Sweeps;

/// <summary>A sweep over rolling windows: which runs it has, and what it says of the best point.</summary>
public class SweepWindowsSpecs
{
    [Fact]
    public void Every_point_runs_with_every_seed_in_every_window()
    {
        var plan = Plan(4, seeds: 2);

        Assert.Equal(2 * 2 * 4, plan.Cells.Count);
        Assert.Equal(["base_seed-1_window-1", "base_seed-1_window-2", "base_seed-1_window-3", "base_seed-1_window-4",
            "base_seed-2_window-1"], plan.Cells.Take(5).Select(cell => cell.Name));
        Assert.Equal(["1/4", "2/4", "3/4", "4/4"], plan.Cells.Take(4)
            .Select(cell => SettingCatalogue.Find("data.window").Read(plan.SettingsOf(cell).Values)));
        Assert.Equal("staleness=4, seed 2, window 4", plan.Label(plan.Cells[^1]));
    }

    [Fact]
    public void Windows_are_written_and_read_back_and_a_plan_without_them_is_as_before()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "plan.json");
        SweepPlanFile.Write(path, Plan(3));

        Assert.Equal(Plan(3).Cells.Select(cell => cell.Name), SweepPlanFile.Read(path).Plan().Cells.Select(cell => cell.Name));
        Assert.Equal(["base_seed-1", "staleness-4_seed-1"], Plan(1).Cells.Select(cell => cell.Name));
        Assert.Equal("none", SettingCatalogue.Find("data.window").Read(Plan(1).SettingsOf(Plan(1).Cells[0]).Values));
    }

    [Theory]
    [InlineData("sets data.window itself", "data.window", "1/3")]
    [InlineData("needs a split by time", "data.split", "leave-last-out")]
    [InlineData("--final is for one split", "evaluate.final", "true")]
    [InlineData("judges by validation, which data.refit trains on", "data.refit", "blind")]
    public void What_cannot_roll_over_windows_is_refused_with_the_reason(string reason, string key, string value)
    {
        Assert.Contains(reason,
            Assert.Throws<SettingException>(() => Plan(3, change: draft => draft with { Settings = [KeyValuePair.Create(key, value)] }))
            .Message, StringComparison.Ordinal);
        Assert.Contains(reason,
            Assert.Throws<SettingException>(() => Plan(3, change: draft => draft with { Axes = [GridAxis.Parse($"{key}={value}")] }))
            .Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Means_are_over_the_windows_that_choose_and_the_last_is_in_none_of_them()
    {
        var results = Results([0.2, 0.4, 0.9], [0.3, 0.5, 0.1]);

        Assert.Equal(0.3, results.Points[0].Best!.Value.Value, 1e-9);
        Assert.Equal(0.4, results.Points[1].Best!.Value.Value, 1e-9);
        Assert.Equal(0.95 * 0.3, results.Target!.Value, 1e-9); // of the base in the same window
        Assert.Equal(2, results.Points[0].Runs.Count);
        // over windows, which vary
        Assert.Equal(12.706205 * 0.1, results.Points[0].Best!.Value.High - results.Points[0].Best!.Value.Value, 1e-5);
    }

    [Fact]
    public void A_point_that_is_best_where_it_was_chosen_only_is_shown_as_such()
    {
        var windows = Results([0.20, 0.30, 0.40], [0.22, 0.33, 0.38]).Windows!;

        Assert.Equal(("staleness=4", 2), (windows.Best!.Label, windows.BestOn(windows.Best)));
        Assert.Equal(ChoiceVerdict.DoesNotHold, windows.Choice!.Verdict);
        Assert.False(windows.OrderHolds);
        var text = Text(windows);
        Assert.Contains("The choice does not hold: chosen on windows 1 and 2 it was +0.0250, on the last, 3, it is -0.0200 [", text,
            StringComparison.Ordinal);
        Assert.Contains("The order of the points does not hold on window 3: base is the best there, and staleness=4 is number 2 of 2.",
            text, StringComparison.Ordinal);
        Assert.Matches(@"base +0\.2500 +2 +0/2 +0\.4000 +1 ", text);
        Assert.False((bool)SweepWindowTable.Json(windows)["orderHoldsOnLast"]!);
    }

    [Fact]
    public void A_point_that_is_best_on_the_last_window_too_holds_with_the_order()
    {
        var windows = Results([0.20, 0.30, 0.40], [0.22, 0.33, 0.42]).Windows!;

        Assert.Equal((ChoiceVerdict.Holds, true), (windows.Choice!.Verdict, windows.OrderHolds));
        Assert.Contains("Best by the mean: staleness=4, which is the best on 2 of 2 windows.", Text(windows), StringComparison.Ordinal);
        Assert.Contains("The order of the points is the same on window 3.", Text(windows), StringComparison.Ordinal);
    }

    [Fact]
    public void A_point_that_one_window_alone_makes_the_best_is_shown_as_such()
    {
        var windows = Results([0.20, 0.30, 0.30, 0.40], [0.50, 0.29, 0.29, 0.40]).Windows!;

        Assert.Contains("Best by the mean: staleness=4, which is the best on one window only, of 3.", Text(windows),
            StringComparison.Ordinal);
        Assert.Equal(ChoiceVerdict.CannotBeTold, windows.Choice!.Verdict);
    }

    [Fact]
    public void Where_the_base_is_best_it_is_held_against_the_next()
    {
        var choice = Results([0.30, 0.30, 0.42], [0.20, 0.20, 0.40]).Windows!.Choice!;

        Assert.Equal(("base", "staleness=4", ChoiceVerdict.Holds), (choice.Chosen, choice.Start, choice.Verdict));
    }

    [Fact]
    public void A_run_that_is_missing_takes_its_point_out_of_the_choice()
    {
        var chooses = Results([0.20, 0.30, 0.40], [0.90, null, 0.42]).Windows!;
        var confirms = Results([0.20, 0.30, 0.40], [0.90, 0.90, null]).Windows!;

        Assert.Equal(("base", null), (chooses.Best!.Label, chooses.Choice));
        Assert.Equal(("staleness=4", null, null), (confirms.Best!.Label, confirms.Choice, confirms.OrderHolds));
        Assert.Contains("Whether the choice holds is not known", Text(confirms), StringComparison.Ordinal);
    }

    [Fact]
    public void Users_that_are_not_the_same_are_not_paired()
    {
        var windows = Results([0.20, 0.30, 0.40], [0.22, 0.33, 0.42], sameUsers: false).Windows!;

        Assert.Equal(ChoiceVerdict.Unknown, windows.Choice!.Verdict);
        Assert.Equal(0.02, windows.Choice.OnLast.Value, 1e-9);
    }

    [Fact]
    public void Tables_have_a_window_column()
    {
        using var folder = new TemporaryFolder();
        SweepTables.Write(Results([0.20, 0.30, 0.40], [0.22, 0.33, 0.38]), folder.Path);

        var runs = File.ReadAllLines(Path.Combine(folder.Path, "runs.csv"));
        Assert.StartsWith("point,seed,window,", runs[0], StringComparison.Ordinal);
        Assert.Equal(["base,1,1", "base,1,2", "base,1,3", "staleness=4,1,1", "staleness=4,1,2", "staleness=4,1,3"], runs.Skip(1)
            .Select(row => string.Join(',', row.Split(',')[..3])));
        Assert.Equal(
            ["point,window,chooses,best recall@50,place", "base,1,yes,0.2,2", "base,2,yes,0.3,2", "base,3,no,0.4,1",
                "staleness=4,1,yes,0.22,1", "staleness=4,2,yes,0.33,1", "staleness=4,3,no,0.38,2"],
            File.ReadAllLines(Path.Combine(folder.Path, "windows.csv")));
    }

    private static SweepPlan Plan(int windows, int seeds = 1, Func<SweepDraft, SweepDraft>? change = null) =>
        SweepPlanSpecs.Plan(["staleness=0,4"],
            draft => (change ?? (same => same))(draft with { SeedCount = seeds, Windows = windows == 1 ? null : windows }));

    /// <summary>What base and staleness 4 reach window by window; users have these means, and differences with a
    /// spread that tells 0.01 from 0.</summary>
    private static SweepResults Results(double?[] ofBase, double?[] ofOther, bool sameUsers = true)
    {
        var plan = Plan(ofBase.Length);
        var users = WindowChoiceSpecs.Users(0);
        return new SweepResults(plan,
            [.. plan.Cells.Select(cell => (cell.Point.Values[0] == "0" ? ofBase : ofOther)[cell.Window!.Value - 1] is { } value
                ? new CellOutcome(cell, SweepResultsSpecs.Run([value]) with { Folder = cell.Name }, null)
                : new CellOutcome(cell, null, "it diverged"))], PerUser);

        UserValues PerUser(RunRecord run, string metric)
        {
            var (values, isBase) = (run.Folder.StartsWith("base", StringComparison.Ordinal) ? users.Other[0] : users.Ahead[0],
                run.Folder.StartsWith("base", StringComparison.Ordinal));
            var (wanted, has) = (run.BestOf(metric)!.Value, values.Average());
            return new UserValues([.. Enumerable.Range(0, values.Length).Select(user => $"{(sameUsers || isBase ? "u" : "v")}{user}")],
                [.. values.Select(value => value - has + wanted)]);
        }
    }

    // As one line: where lines break is the terminal's affair.
    private static string Text(SweepWindows windows)
    {
        var text = new StringWriter();
        SweepWindowTable.Print(text, windows);
        Assert.All(text.ToString().Split('\n'), line => Assert.True(line.TrimEnd().Length <= 80, line));
        return text.ToString().ReplaceLineEndings(" ");
    }
}
