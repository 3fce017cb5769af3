using System.Text.Json.Nodes;
using TwoTower.Node.Display;

namespace TwoTower.Node.Runs;

/// <summary>A choice over rolling windows in words and as JSON: where it was made, and whether it holds on the
/// window that had no part in it.</summary>
internal static class WindowChoiceText
{
    /// <summary>The windows that chose, in words.</summary>
    /// <param name="count">How many windows there are, the last among them.</param>
    public static string Choosing(int count) =>
        count switch { 2 => "window 1", 3 => "windows 1 and 2", _ => FormattableString.Invariant($"windows 1 to {count - 1}") };

    /// <summary>Where the choice is ahead, and by how much; that it leads on one window only is said.</summary>
    public static string Lead(WindowChoice choice)
    {
        var (ahead, of) = (choice.AheadOn, choice.Differences.Count);
        var where = of == 1 ? "on window 1 by"
            : $"on {(ahead == 1 ? $"one window only, of {of}," : $"{ahead} of {of} windows")} and on their mean by";
        return $"Chosen: {choice.Chosen}, ahead "
            + $"of {choice.Start} {where} {DifferenceText.Signed(choice.OnChoosing.Value)} {DifferenceText.Range(choice.OnChoosing)}, "
            + $"which the choosing flatters.";
    }

    /// <summary>What the last window says of the choice.</summary>
    public static string Verdict(WindowChoice choice)
    {
        var (before, there) = (DifferenceText.Signed(choice.OnChoosing.Value),
            $"{DifferenceText.Signed(choice.OnLast.Value)} {DifferenceText.Range(choice.OnLast)}");
        var chosenOn = Choosing(choice.Last);
        return choice.Verdict switch
        {
            ChoiceVerdict.Holds =>
                FormattableString.Invariant(
                $"The choice holds on the last window, {choice.Last}, which had no part in it: {there} against {choice.Start}."),
            ChoiceVerdict.DoesNotHold =>
                FormattableString.Invariant(
                $"The choice does not hold: chosen on {chosenOn} it was {before}, on the last, {choice.Last}, it ")
                + FormattableString.Invariant($"is {there} against {choice.Start}."),
            ChoiceVerdict.CannotBeTold =>
                FormattableString.Invariant(
                $"On the last window, {choice.Last}, {choice.Chosen} and {choice.Start} cannot be told apart: chosen on {chosenOn} it ")
                + FormattableString.Invariant($"was {before}, on the last it is {there}."),
            _ => FormattableString.Invariant(
                $"Whether the choice holds is not known: chosen on {chosenOn} it was {before}, on the last, {choice.Last}, it ")
                + FormattableString.Invariant(
                $"is {DifferenceText.Signed(choice.OnLast.Value)}, and there are no users to pair for an interval."),
        };
    }

    /// <summary>The same as JSON; a bound that does not exist is null.</summary>
    public static JsonObject Json(WindowChoice choice) => new()
    {
        ["chosen"] = choice.Chosen,
        ["against"] = choice.Start,
        ["differences"] = new JsonArray([.. choice.Differences.Append(choice.OnLast.Value).Select(difference => (JsonNode)difference)]),
        ["aheadOn"] = choice.AheadOn,
        ["of"] = choice.Differences.Count,
        ["onChoosing"] = WindowTable.Json(choice.OnChoosing),
        ["onLast"] = WindowTable.Json(choice.OnLast),
        ["verdict"] = choice.Verdict switch
        {
            ChoiceVerdict.Holds => "holds",
            ChoiceVerdict.DoesNotHold => "does not hold",
            ChoiceVerdict.CannotBeTold => "cannot be told apart",
            _ => "not known"
        },
    };
}
