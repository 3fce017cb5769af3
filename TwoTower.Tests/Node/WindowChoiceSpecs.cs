using TwoTower.Model;
using TwoTower.Node.Runs;

namespace TwoTower.Tests.Node;

/// <summary>Whether a choice over windows stands on the one that had no part in it.</summary>
public class WindowChoiceSpecs
{
    [Fact]
    public void A_choice_that_is_behind_on_the_last_window_does_not_hold_and_both_figures_are_said()
    {
        var choice = Planted(0.02, 0.03, -0.02);

        Assert.Equal((ChoiceVerdict.DoesNotHold, 2), (choice.Verdict, choice.AheadOn));
        Assert.Equal(0.025, choice.OnChoosing.Value, 1e-9);
        Assert.Equal(-0.02, choice.OnLast.Value, 1e-9);
        Assert.StartsWith("The choice does not hold: chosen on windows 1 and 2 it was +0.0250, on the last, 3, it is -0.0200 [-0.0",
            WindowChoiceText.Verdict(choice), StringComparison.Ordinal);
        Assert.Equal("does not hold", (string)WindowChoiceText.Json(choice)["verdict"]!);
    }

    [Fact]
    public void A_choice_that_is_ahead_on_the_last_window_holds()
    {
        var choice = Planted(0.02, 0.03, 0.01, 0.02);

        Assert.Equal(ChoiceVerdict.Holds, choice.Verdict);
        Assert.StartsWith("The choice holds on the last window, 4, which had no part in it: +0.0200 [+0.0",
            WindowChoiceText.Verdict(choice), StringComparison.Ordinal);
        Assert.StartsWith("Chosen: trial 7, ahead of the recipe on 3 of 3 windows and on their mean by +0.0200 [",
            WindowChoiceText.Lead(choice), StringComparison.Ordinal);
    }

    [Fact]
    public void With_0_in_the_interval_of_the_last_window_the_two_cannot_be_told_apart()
    {
        var choice = Planted(0.02, 0.03, 0.0001);

        Assert.Equal(ChoiceVerdict.CannotBeTold, choice.Verdict);
        Assert.Contains(
            "trial 7 and the recipe cannot be told apart: chosen on windows 1 and 2 it was +0.0250, on the last it is +0.0001 [-0.0",
            WindowChoiceText.Verdict(choice), StringComparison.Ordinal);
    }

    [Fact]
    public void A_lead_that_one_window_alone_makes_is_shown_as_such()
    {
        var choice = Planted(0.2, -0.01, -0.01, -0.01);

        Assert.Equal(1, choice.AheadOn);
        Assert.Contains("ahead of the recipe on one window only, of 3, and on their mean by +0.0600", WindowChoiceText.Lead(choice),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Every_window_counts_alike_however_many_users_it_has()
    {
        var choice = WindowChoice.Of("a", "b", [[1, 1, 1, 1], [0, 0], [0, 0]], [[0, 0, 0, 0], [0, 0], [0, 0]]);

        Assert.Equal(0.5, choice.OnChoosing.Value, 1e-12);
    }

    [Fact]
    public void Without_users_to_pair_nobody_says_that_it_holds()
    {
        var choice = WindowChoice.OfMeans("trial 7", "the recipe", [0.02, 0.03, 0.05]);

        Assert.Equal(ChoiceVerdict.Unknown, choice.Verdict);
        Assert.Contains("not known: chosen on windows 1 and 2 it was +0.0250, on the last, 3, it is +0.0500",
            WindowChoiceText.Verdict(choice), StringComparison.Ordinal);
        Assert.Null(WindowChoiceText.Json(choice)["onLast"]!["low"]);
        Assert.Throws<ArgumentException>(() => WindowChoice.Of("a", "b", [[1, 2], [1, 2]], [[1, 2], [1]]));
    }

    private static WindowChoice Planted(params double[] leads)
    {
        var (chosen, start) = Users(leads);
        return WindowChoice.Of("trial 7", "the recipe", chosen, start);
    }

    /// <summary>200 users a window; the first side is ahead by a window's lead on the mean, with a spread of the
    /// differences that tells 0.01 from 0.</summary>
    internal static (double[][] Ahead, double[][] Other) Users(params double[] leads)
    {
        var random = new SeededRandom(5);
        var other = leads.Select(_ => Enumerable.Range(0, 200).Select(_ => random.NextDouble()).ToArray()).ToArray();
        return ([.. other.Select((window, n) => window.Select((value, user) => value + leads[n] + (user % 2 == 0 ? 0.03 : -0.03))
            .ToArray())], other);
    }
}
