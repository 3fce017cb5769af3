using System.Globalization;
using System.Text.Json.Nodes;
using TwoTower.Node.Display;
using TwoTower.Node.Runs;

namespace TwoTower.Node.Sweeps;

/// <summary>What rolling windows say of a sweep, as text, as rows and as JSON: the best point by all but the last window, and
/// whether that holds on the last.</summary>
internal static class SweepWindowTable
{
    /// <summary>Heads of the table's columns.</summary>
    public static IReadOnlyList<string> Head(SweepWindows windows) =>
        [$"mean of {WindowChoiceText.Choosing(windows.Count)}", "place", "best on", $"window {windows.Count}", "place there"];

    /// <summary>A point's cells under these heads.</summary>
    public static IReadOnlyList<string> Cells(SweepWindows windows, WindowedPoint point) =>
        [Number(point.Chosen), Whole(windows.Rank(point)), FormattableString.Invariant($"{windows.BestOn(point)}/{windows.Count - 1}"),
            Number(point.Last), Whole(windows.RankOnLast(point))];

    /// <summary>Prints the table and what follows from it.</summary>
    public static void Print(TextWriter to, SweepWindows windows)
    {
        to.WriteLine();
        to.WriteLine(
            Paragraph.Wrap(
            $"Choice by {windows.Metric}, the mean over {WindowChoiceText.Choosing(windows.Count)}; window {windows.Count} had no part in it", 0));
        to.WriteLine($"{"",-17}{"mean",9}{"place",7}{"best on",9}{$"window {windows.Count}",13}{"place",7}");
        foreach (var point in windows.Points)
        {
            var label = point.Label;
            if (label.Length > 16)
            {
                to.WriteLine(Paragraph.Wrap(label, 2));
                label = string.Empty;
            }

            var cells = Cells(windows, point);
            to.WriteLine($"{label,-17}{cells[0],9}{cells[1],7}{cells[2],9}{cells[3],13}{cells[4],7}");
        }

        foreach (var sentence in Sentences(windows))
        {
            to.WriteLine(Paragraph.Wrap(sentence, 0));
        }
    }

    /// <summary>What is said of the choice: where it is the best, by how much, and what the last
    /// window makes of it and of the order.</summary>
    public static IReadOnlyList<string> Sentences(SweepWindows windows)
    {
        if (windows.Best is not { } best)
        {
            return ["No point has a value on every window that chooses, so none is the best."];
        }

        var (on, of) = (windows.BestOn(best), windows.Count - 1);
        var where = of == 1 ? "on window 1, the only one that chooses" : on == 1 ? $"on one window only, of {of}"
            : string.Create(CultureInfo.InvariantCulture, $"on {on} of {of} windows");
        var said = new List<string> { $"Best by the mean: {best.Label}, which is the best {where}." };
        if (windows.Choice is { } choice)
        {
            said.Add(WindowChoiceText.Lead(choice));
            said.Add(WindowChoiceText.Verdict(choice));
        }
        else
        {
            said.Add($"Whether the choice holds is not known: there is nothing to hold it against that has run on all windows.");
        }

        if (windows.OrderHolds is { } holds)
        {
            said.Add(holds ? $"The order of the points is the same on window {windows.Count}."
                : $"The order of the points does not hold on window {windows.Count}: {Changed(windows, best)}.");
        }

        return said;
    }

    /// <summary>The same as JSON.</summary>
    public static JsonObject Json(SweepWindows windows) => new()
    {
        ["windows"] = windows.Count,
        ["best"] = windows.Best?.Label,
        ["bestOn"] = windows.Best is { } best ? windows.BestOn(best) : null,
        ["of"] = windows.Count - 1,
        ["orderHoldsOnLast"] = windows.OrderHolds,
        ["points"] = new JsonArray([.. windows.Points.Select(point => (JsonNode)new JsonObject
        {
            ["point"] = point.Label,
            ["mean"] = point.Chosen,
            ["place"] = windows.Rank(point),
            ["bestOn"] = windows.BestOn(point),
            ["last"] = point.Last,
            ["placeOnLast"] = windows.RankOnLast(point),
        })]),
        ["comparison"] = windows.Choice is { } choice ? WindowChoiceText.Json(choice) : null,
    };

    /// <summary>A row for every point and window, after the names of the columns.</summary>
    public static IEnumerable<string[]> Rows(SweepWindows windows)
    {
        yield return ["point", "window", "chooses", $"best {windows.Metric}", "place"];
        foreach (var point in windows.Points)
        {
            for (var window = 1; window <= windows.Count; window++)
            {
                yield return
                [
                    point.Label, window.ToString(CultureInfo.InvariantCulture), window < windows.Count ? "yes" : "no",
                    point.Values[window - 1]?.ToString("G9", CultureInfo.InvariantCulture) ?? string.Empty, windows.RankOn(point, window)
                        ?.ToString(CultureInfo.InvariantCulture) ?? string.Empty,
                ];
            }
        }
    }

    private static string Changed(SweepWindows windows, WindowedPoint best)
    {
        var there = windows.RankOnLast(best);
        return there is null ? $"{best.Label} has no value there"
            : there == 1 ? $"{best.Label} is the best there, too, but others change places"
            : string.Create(CultureInfo.InvariantCulture,
                $"{windows.Points.First(point => windows.RankOnLast(point) == 1).Label} is the best there, and {best.Label} is number {there} of {windows.Points.Count(point => point.Last is not null)}");
    }

    private static string Number(double? value) => value?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "-";

    private static string Whole(int? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "-";
}
