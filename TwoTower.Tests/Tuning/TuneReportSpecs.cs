using TwoTower.Node.Recipes;
using TwoTower.Node.Runs;
using TwoTower.Node.Tuning;
using TwoTower.Tests.Node;

namespace TwoTower.Tests.Tuning;

/// <summary>What a search over windows says of its choice, against results made by hand.</summary>
public class TuneReportSpecs
{
    [Fact]
    public void A_trial_that_is_ahead_where_it_was_chosen_only_is_shown_as_such()
    {
        var result = Result((0.02, 0.03, -0.02), (0.01, 0.01, 0.05));

        Assert.Equal((1, ChoiceVerdict.DoesNotHold), (result.Best, result.Choice!.Verdict));
        var text = Text(result);
        Assert.Contains("mean over windows 1 and 2 of 3, after all 4 epochs", text, StringComparison.Ordinal);
        Assert.Contains("The choice does not hold: chosen on windows 1 and 2 it was +0.0250, on the last, 3, it is -0.0200 [", text,
            StringComparison.Ordinal);
        Assert.Contains("Window 3 alone, which had no part in choosing", text, StringComparison.Ordinal);
        var windows = TuneReport.Windows(result);
        Assert.Equal("does not hold", (string)windows["choice"]!["verdict"]!);
        Assert.Equal(["recipe", "trial 1"], result.Confirmed.Select(trial => trial.Trial == 0 ? "recipe" : $"trial {trial.Trial}"));
        Assert.Null(windows["trials"]![2]!["last"]); // trial 2 lost, so nobody looked
        Assert.Equal(result.OnLast(1)!.Average(), (double)windows["trials"]![1]!["last"]!);
    }

    [Fact]
    public void A_trial_that_is_ahead_on_the_last_window_too_holds()
    {
        var text = Text(Result((0.02, 0.03, 0.02), (0.01, 0.01, 0.01)));

        Assert.Contains("Chosen: trial 1, ahead of the recipe on 2 of 2 windows and on their mean by +0.0250 [", text,
            StringComparison.Ordinal);
        Assert.Contains("The choice holds on the last window, 3, which had no part in it: +0.0200 [", text, StringComparison.Ordinal);
        Assert.Matches(@"trial 2    0\.\d{4}  \+0\.0100 \[\S+, \S+\]  2/2", text);
    }

    [Fact]
    public void The_last_window_has_no_part_in_choosing()
    {
        var result = Result((0.02, 0.03, -0.5), (0.02, 0.02, 0.5));

        Assert.Equal(1, result.Best);
        var rows = TuneReport.Csv(result).Split('\n');
        Assert.Equal("rung,trial,epochs,seeds,recall@10,recall@10 window 1/3,recall@10 window 2/3,recall@10 window 3/3,model.dim", rows[0]);
        Assert.Equal(["filled", "filled", "empty"], rows.Skip(1).Take(3).Select(row => row.Split(',')[7].Length > 0 ? "filled" : "empty"));
    }

    [Fact]
    public void Where_the_recipe_itself_is_best_nothing_was_chosen_and_nothing_is_said_to_hold()
    {
        var result = Result((-0.02, -0.03, 0.5), (-0.01, -0.01, 0.5));

        Assert.Equal(0, result.Best);
        Assert.Null(result.Choice);
        Assert.Contains("No trial is ahead of the recipe on the mean over windows 1 and 2: nothing was chosen over it.", Text(result),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_on_the_last_window_leaves_the_question_open()
    {
        var result = Result((0.02, 0.03, 0.02), (0.01, 0.01, 0.01));
        result = result with { Confirmed = [result.Confirmed[0], new TuneTrial(0, 1, [], "it diverged")] };

        Assert.Null(result.Choice);
        Assert.Equal("it diverged", result.FailureOnLast);
        var text = Text(result);
        Assert.Contains("trial 1    failed: it diverged", text, StringComparison.Ordinal);
        Assert.Contains("Whether the choice holds is not known", text, StringComparison.Ordinal);
        Assert.DoesNotContain("cannot be told", text, StringComparison.Ordinal);
    }

    // Two trials beside the recipe, each ahead of it by so much on windows 1, 2 and 3; the better of them by the
    // first two is confirmed, as a search does it.
    private static TuneResult Result((double, double, double) first, (double, double, double) second)
    {
        var plan = new TunePlan
        {
            Recipe = "recommended",
            Settings = [("train.epochs", "4")],
            Ranges = [SearchRange.Parse("model.dim", "8|16")],
            Trials = 3,
            Halving = 1,
            Windows = 3
        };
        var (one, recipe) = WindowChoiceSpecs.Users(first.Item1, first.Item2, first.Item3);
        var (two, _) = WindowChoiceSpecs.Users(second.Item1, second.Item2, second.Item3);
        double[][][] all = [recipe, one, two];
        var searched = new TuneResult(plan, "recall@10", [.. all.Select((windows, trial) => new TuneTrial(0, trial, windows[..2], null))],
            []);
        int[] judged = searched.Best == 0 ? [0] : [0, searched.Best];
        return searched with { Confirmed = [.. judged.Select(trial => new TuneTrial(0, trial, [all[trial][2]], null))] };
    }

    // As one line: where lines break is the terminal's affair.
    private static string Text(TuneResult result)
    {
        var text = new StringWriter();
        TuneReport.Print(text, result);
        Assert.All(text.ToString().Split('\n'), line => Assert.True(line.TrimEnd().Length <= 80, line));
        return text.ToString().ReplaceLineEndings(" ");
    }
}
