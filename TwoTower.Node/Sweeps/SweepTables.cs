using System.Globalization;
using System.Text.Json.Nodes;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Storage;
using TwoTower.Node.Display;
using TwoTower.Node.Runs;

namespace TwoTower.Node.Sweeps;

/// <summary>A sweep's tables: <c>runs.csv</c> (a row per run), <c>points.csv</c> (a row per point), and what
/// a terminal of 80 columns shows.</summary>
internal static class SweepTables
{
    /// <summary>Writes the files; with windows there is <c>windows.csv</c> (a row per point and window), too.</summary>
    public static void Write(SweepResults results, string folder)
    {
        AtomicFile.WriteText(Path.Combine(folder, "runs.csv"), Csv(RunRows(results)));
        AtomicFile.WriteText(Path.Combine(folder, "points.csv"), Csv(PointRows(results)));
        if (results.Windows is { } windows)
        {
            AtomicFile.WriteText(Path.Combine(folder, "windows.csv"), Csv(SweepWindowTable.Rows(windows)));
        }
    }

    /// <summary>The tables as JSON, by the names of their columns, and with windows whether the choice holds.</summary>
    public static JsonObject Json(SweepResults results, string folder)
    {
        var json = new JsonObject
        {
            ["folder"] = folder,
            ["metric"] = results.Metric,
            ["points"] = Objects(PointRows(results)),
            ["runs"] = Objects(RunRows(results))
        };
        if (results.Windows is { } windows)
        {
            json["windows"] = Objects(SweepWindowTable.Rows(windows));
            json["choice"] = SweepWindowTable.Json(windows);
        }

        return json;
    }

    /// <summary>Prints the points.</summary>
    public static void Print(TextWriter to, SweepResults results)
    {
        var metric = results.Metric;
        to.WriteLine(Paragraph.Wrap(results.Target is { } target
            ? string.Create(CultureInfo.InvariantCulture,
                $"Target {metric} >= {target:0.####}{(results.Plan.Target.Value is null ? string.Create(CultureInfo.InvariantCulture, $" ({SweepTarget.ShareOfBase:0%} of the base's best with the same seed; here the mean)") : string.Empty)}; mean {Over(results.Plan)}; '-' where a {(results.Plan.Windows == 1 ? "seed" : "run")} has no value.")
            : "No target yet: the base has not run.", 0));
        to.WriteLine(Paragraph.Wrap($"Base: {string.Join(' ', results.Plan.Axes.Select(axis => $"{axis.Name}={axis.Values[0]}"))}", 2));
        to.WriteLine(
            $"{"",-17}{"runs",5}{Cut(metric, 9),10}{"+-",7}{"batches",9}{"/base",7}{"+-",6}{(results.Plan.Engine == SweepEngine.Simulate ? "virt. s" : "s"),8}{"idle",5}{"stale",6}");
        foreach (var point in results.Points)
        {
            var label = point.Label + (point.Differs > 1 ? " *" : string.Empty);
            if (label.Length > 16)
            {
                to.WriteLine(Paragraph.Wrap(label, 2));
                label = string.Empty;
            }

            to.WriteLine(
                $"{label,-17}{$"{point.Runs.Count}/{point.Runs.Count + point.Missing}",5}{Text(point.Best?.Value, 4),10}{Text(Half(point.Best), 4),7}{Text(point.Batches?.Value, 0),9}{Text(point.BatchesOverBase?.Value, 2),7}{Text(Half(point.BatchesOverBase), 2),6}{Short(point.Seconds?.Value),8}{(point.Idle is { } idle ? string.Create(CultureInfo.InvariantCulture, $"{100 * idle.Value:0}%") : "-"),5}{Short(point.Staleness?.Value),6}");
        }

        if (results.Windows is { } windows)
        {
            SweepWindowTable.Print(to, windows);
        }

        if (results.Points.Any(point => point.Differs > 1))
        {
            to.WriteLine(Paragraph.Wrap("* More than one setting differs from the base: the difference cannot be laid to any one of them.",
                2));
        }
    }

    private static string Over(SweepPlan plan) => plan.Windows == 1
        ? FormattableString.Invariant(
            $"of {plan.Seeds.Count} seeds{(plan.Seeds.Count > 1 ? ", +- is half of Student's 95 % interval" : ", so there are no intervals")}")
        : FormattableString.Invariant(
            $"over {WindowChoiceText.Choosing(plan.Windows)} of {plan.Windows}, {plan.Seeds.Count} seeds ")
            + FormattableString.Invariant(
            $"each{(plan.Windows > 2 ? ", +- is half of Student's 95 % interval over windows" : ", so there are no intervals")}");

    private static IEnumerable<string[]> RunRows(SweepResults results)
    {
        var axes = results.Plan.Axes;
        yield return
        [
            "point", "seed", "window", .. axes.Select(axis => axis.Name), "axes_that_differ", "status", "reason", $"best {results.Metric}",
            "target", "batches_to_target", "examples_to_target", "seconds_to_target",
            "seconds", "idle_share", "traffic_bytes", "load_imbalance", "staleness_mean", "staleness_p99", "staleness_max",
            "parameters_sha256", "folder",
        ];
        foreach (var (cell, run, failure) in results.Cells)
        {
            var status = run is not null ? "finished" : failure is not null ? "failed" : "missing";
            string[] head = [results.Plan.Label(cell.Point), Whole(cell.Seed), cell.Window is { } window ? Whole(window) : string.Empty,
                .. cell.Point.Values, Whole(cell.Point.DistanceTo(results.Plan.Base)), status, failure ?? run?.StopReason ?? string.Empty];
            yield return run is null
                ? [.. head, .. Enumerable.Repeat(string.Empty, 13), $"runs/{cell.Name}"]
                :
                [
                    .. head, Exact(run.BestOf(results.Metric)), Exact(results.TargetOf(cell)),
                    Exact(results.CostOf(cell, run, SweepResults.Batches)),
                    Exact(results.CostOf(cell, run, evaluation => evaluation.Examples)),
                    Exact(results.CostOf(cell, run, evaluation => evaluation.Seconds)), Exact(run.Seconds), Exact(run.IdleShare),
                    Exact(run.TrafficBytes), Exact(run.LoadImbalance),
                    Exact(run.Staleness.Mean), Exact(run.Staleness.P99), Exact(run.Staleness.Max), run.ParametersSha256,
                    $"runs/{cell.Name}",
                ];
        }
    }

    private static IEnumerable<string[]> PointRows(SweepResults results)
    {
        (string Name, Func<PointSummary, Interval?> Of)[] columns =
        [
            ($"best {results.Metric}", point => point.Best), ("batches_to_target", point => point.Batches),
            ("examples_to_target", point => point.Examples), ("seconds_to_target", point => point.Seconds),
            ("batches_over_base", point => point.BatchesOverBase), ("idle_share", point => point.Idle),
            ("traffic_bytes", point => point.Traffic), ("load_imbalance", point => point.Imbalance),
            ("staleness_mean", point => point.Staleness),
        ];
        yield return ["point", .. results.Plan.Axes.Select(axis => axis.Name), "axes_that_differ", "runs", "missing", "reached",
            .. columns.SelectMany(column => new[] { column.Name, $"{column.Name} low", $"{column.Name} high" })];
        foreach (var point in results.Points)
        {
            yield return
            [
                point.Label, .. point.Point.Values, Whole(point.Differs), Whole(point.Runs.Count), Whole(point.Missing),
                Whole(point.Reached),
                .. columns.SelectMany(column => column.Of(point) is { } interval ? new[] { Exact(interval.Value), Exact(interval.Low),
                    Exact(interval.High) } : ["", "", ""]),
            ];
        }
    }

    private static JsonArray Objects(IEnumerable<string[]> rows)
    {
        var names = rows.First();
        return [.. rows.Skip(1)
            .Select(cells => (JsonNode)new JsonObject(names.Zip(cells, (name, cell) => KeyValuePair.Create(name, Value(cell)))))];
    }

    private static JsonNode? Value(string cell) => cell.Length == 0
        ? null : double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : cell;

    private static string Csv(IEnumerable<string[]> rows) =>
        string.Concat(rows.Select(cells => string.Join(',', cells.Select(cell => CsvText.Cell(cell.Length == 0 ? null : cell))) + "\n"));

    private static double? Half(Interval? interval) => interval is { } known && double.IsFinite(known.High)
        ? (known.High - known.Low) / 2 : null;

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];

    private static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Exact(double? value) => value is { } known && double.IsFinite(known)
        ? known.ToString("G9", CultureInfo.InvariantCulture) : string.Empty;

    private static string Text(double? value, int digits) => value is { } known && double.IsFinite(known)
        ? known.ToString($"F{digits}", CultureInfo.InvariantCulture) : "-";

    // Three digits that count, whatever the size.
    internal static string Short(double? value) => value is not { } known || !double.IsFinite(known) ? "-" : known switch
    {
        >= 1e6 => known.ToString("0.0e0", CultureInfo.InvariantCulture),
        >= 100 => known.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => known.ToString("0.0", CultureInfo.InvariantCulture),
        >= 0.01 or 0 => known.ToString("0.00", CultureInfo.InvariantCulture),
        _ => known.ToString("0e0", CultureInfo.InvariantCulture),
    };
}
