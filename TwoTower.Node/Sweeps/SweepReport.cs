using System.Globalization;
using System.Net;
using System.Text;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Storage;
using TwoTower.Node.Plots;
using TwoTower.Node.Runs;

namespace TwoTower.Node.Sweeps;

/// <summary>A sweep as one HTML page that asks nobody for anything: styles and charts are in it. Light or dark as the
/// reader's system is; light on paper.</summary>
internal static class SweepReport
{
    /// <summary>Writes the page.</summary>
    public static void Write(SweepResults results, IReadOnlyList<ChartSection> sections, string path)
    {
        var page = new StringBuilder();
        page.Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
            + "content=\"width=device-width,initial-scale=1\"><title>TwoTower sweep</title>\n<style>\n")
            .Append(PageStyle.Css).Append("\n</style></head><body>\n");
        Head(page, results);
        page.Append("<h2>Points</h2>\n");
        Points(page, results);
        if (results.Windows is { } windows)
        {
            Windows(page, windows);
        }

        foreach (var section in sections)
        {
            page.Append("<h2>").Append(Text(section.Axis.Name)).Append(": ").Append(Text(string.Join(", ", section.Axis.Values)))
                .Append("</h2>\n<div class=\"charts\">\n");
            foreach (var chart in section.Charts)
            {
                page.Append("<figure>").Append(ChartDrawing.Inline(chart)).Append("<figcaption>").Append(Text(chart.Caption))
                    .Append("</figcaption></figure>\n");
            }

            page.Append("</div>\n");
        }

        Runs(page, results);
        Settings(page, results);
        page.Append("</body></html>\n");
        AtomicFile.WriteText(path, page.ToString());
    }

    private static void Head(StringBuilder page, SweepResults results)
    {
        var plan = results.Plan;
        var seeds = plan.Seeds.Count;
        page.Append("<h1>Sweep of ").Append(Text(string.Join(", ", plan.Axes.Select(axis => axis.Name)))).Append("</h1>\n");
        Paragraph(page,
            $"{plan.Points.Count} points "
            + $"× {seeds} {(seeds == 1 ? "seed" : "seeds")}{(plan.Windows > 1 ? $" × {plan.Windows} windows" : string.Empty)} by "
            + $"<code>{plan.Engine.ToString().ToLowerInvariant()}</code>; {(plan.Vary == SweepVary.One ? "each axis alone from the base" : "the full product of the axes")}. Base: {Text(string.Join(", ", plan.Axes.Select(axis => $"{axis.Name} {axis.Values[0]}")))}; recipe {Text(plan.Recipe)}.");
        Paragraph(page, results.Target is { } target
            ? $"Target: {Text(results.Metric)} ≥ {Number(target)}{(plan.Target.Value is null ? string.Create(CultureInfo.InvariantCulture, $", {100 * SweepTarget.ShareOfBase:0} % of the best that the base reached with the same seed{(plan.Windows > 1 ? " in the same window" : string.Empty)} (the value here is the mean)") : string.Empty)}. What it took to reach it is read off the line between the first evaluation there and the one before it; a run that is there at its first evaluation counts as that evaluation, an upper bound."
            : "There is no target, because the base has not run.");
        Paragraph(page, plan.Windows > 2
            ? $"Means and charts are over {WindowChoiceText.Choosing(plan.Windows)} and their seeds; window {plan.Windows} is in none of "
                + $"them. Intervals: Student's t at 95 % over windows, drawn no lower than 0. Ratios are made seed by seed and window by "
                + $"window. Where a run has no value the point has none: the mean of the others would flatter it."
            : plan.Windows == 2
            ? "Means and charts are over window 1 and its seeds; window 2 is in none of them. One window chooses, so nothing here has an interval."
            : seeds > 1
            ? "Intervals: Student's t at 95 % over seeds, drawn no lower than 0. Ratios are made seed by seed, so that what a seed does "
                + "to both sides cancels. Where a seed has no value the point has none: the mean of the others would flatter it."
            : "There is one seed, so nothing here has an interval: a difference may be chance. Repeat with --seeds 5.", plan.Windows == 1
            ? seeds == 1 : plan.Windows == 2);
        Paragraph(page, plan.Engine == SweepEngine.Simulate
            ? "Seconds are virtual. Idle is the share of the workers' time over the whole run, evaluations included, in which they "
                + "computed no gradient. Traffic is every message between nodes."
            : "Seconds are this machine's and are not repeatable. Idle is the workers' time outside pulling, computing and pushing. "
                + "Traffic is the rows in and out of shards.");
        if (results.Points.Any(point => point.Differs > 1))
        {
            Paragraph(page,
                "More than one setting differs from the base in the rows marked *: their difference cannot be laid to any one setting. "
                + "Charts compare along one axis only, with all else held.", true);
        }

        var failed = results.Cells.Where(cell => cell.Run is null).ToArray();
        if (failed.Length > 0)
        {
            Paragraph(page,
                $"{failed.Length} of {results.Cells.Count} runs have no "
                + $"result: {Text(string.Join("; ", failed.Take(10).Select(cell => $"{cell.Cell.Name}: {cell.Failure ?? "not run"}")))}{(failed.Length > 10 ? "; …" : string.Empty)}", true);
        }
    }

    private static void Points(StringBuilder page, SweepResults results)
    {
        Table(page,
            ["point", "runs", "reached", $"best {results.Metric}", "batches to target", "over base", "examples to target",
                results.Plan.Engine == SweepEngine.Simulate ? "virtual s to target" : "s to target", "idle", "traffic, MB", "imbalance",
                "staleness"],
            results.Points.Select(point => new[]
            {
                point.Label + (point.Differs > 1 ? $" * ({point.Differs} settings differ)" : string.Empty),
                $"{point.Runs.Count}/{point.Runs.Count + point.Missing}", $"{point.Reached}/{point.Runs.Count}",
                Range(point.Best), Range(point.Batches), Range(point.BatchesOverBase), Range(point.Examples), Range(point.Seconds),
                Range(point.Idle, 100, " %"), Range(point.Traffic, 1e-6), Range(point.Imbalance), Range(point.Staleness),
            }));
    }

    private static void Windows(StringBuilder page, SweepWindows windows)
    {
        page.Append("<h2>Windows</h2>\n");
        Table(page, ["point", .. SweepWindowTable.Head(windows)],
            windows.Points.Select(point => (string[])[point.Label, .. SweepWindowTable.Cells(windows, point)]));
        foreach (var sentence in SweepWindowTable.Sentences(windows))
        {
            Paragraph(page, Text(sentence));
        }
    }

    private static void Runs(StringBuilder page, SweepResults results)
    {
        page.Append("<h2>Runs</h2>\n");
        Table(page, ["point", "seed", .. Window("window"), "status", $"best {results.Metric}", "batches to target", "seconds",
            "p99 staleness", "parameters"],
            results.Cells.Select(cell => cell.Run is { } run
                ? (string[])[results.Plan.Label(cell.Cell.Point), Whole(cell.Cell.Seed), .. Window($"{cell.Cell.Window}"), run.StopReason,
                    Number(run.BestOf(results.Metric)), Number(results.CostOf(cell.Cell, run, SweepResults.Batches)), Number(run.Seconds),
                    Number(run.Staleness.P99), run.ParametersSha256[..12]]
                : [results.Plan.Label(cell.Cell.Point), Whole(cell.Cell.Seed), .. Window($"{cell.Cell.Window}"),
                    cell.Failure is null ? "missing" : "failed", "–", "–", "–", "–", "–"]));

        string[] Window(string text) => results.Plan.Windows > 1 ? [text] : [];
    }

    private static void Settings(StringBuilder page, SweepResults results)
    {
        page.Append("<h2>Settings of the base</h2>\n");
        var settings = results.Plan.SettingsOf(results.Plan.Base, results.Plan.Seeds[0]);
        Table(page, ["setting", "value", "from"],
            Node.Settings.SettingCatalogue.All.Where(setting => settings.SourceOf(setting.Key) != "default")
                .Select(setting => new[] { setting.Key, setting.Read(settings.Values), settings.SourceOf(setting.Key) }));
        Paragraph(page, "All others are the program's defaults; config.json of every run has them.");
    }

    private static void Table(StringBuilder page, IReadOnlyList<string> head, IEnumerable<string[]> rows)
    {
        page.Append("<div class=\"wide\"><table><thead><tr>").AppendJoin(string.Empty, head.Select(cell => $"<th>{Text(cell)}</th>"))
            .Append("</tr></thead><tbody>\n");
        foreach (var row in rows)
        {
            page.Append("<tr>").AppendJoin(string.Empty, row.Select(cell => $"<td>{Text(cell)}</td>")).Append("</tr>\n");
        }

        page.Append("</tbody></table></div>\n");
    }

    private static void Paragraph(StringBuilder page, string html, bool warns = false) => page.Append(warns ? "<p class=\"warn\">" : "<p>")
        .Append(html).Append("</p>\n");

    private static string Range(Interval? interval, double factor = 1, string unit = "") => interval is not { } known
        ? "–"
        : Number(factor * known.Value) + unit
        + (double.IsFinite(known.Low) ? $" [{Number(factor * known.Low)}, {Number(factor * known.High)}]" : string.Empty);

    private static string Number(double? value) => value is not { } known || !double.IsFinite(known)
        ? "–"
        : Math.Abs(known) >= 1000 ? known.ToString("#,0", CultureInfo.InvariantCulture)
        : known.ToString(Math.Abs(known) >= 100 ? "0" : Math.Abs(known) >= 1 ? "0.00" : "0.0000", CultureInfo.InvariantCulture);

    private static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
