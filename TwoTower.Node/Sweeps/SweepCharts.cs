using TwoTower.Actors.Protocol.Reports;
using TwoTower.Model.Evaluation;
using TwoTower.Node.Plots;

namespace TwoTower.Node.Sweeps;

/// <summary>The charts of one axis.</summary>
/// <param name="Axis">The axis.</param>
/// <param name="Charts">Its charts, those with nothing to draw left out.</param>
internal sealed record ChartSection(GridAxis Axis, IReadOnlyList<Chart> Charts);

/// <summary>Makes a sweep's results into charts.</summary>
internal static class SweepCharts
{
    /// <summary>Lines that one chart holds; more cannot be told apart.</summary>
    public const int MostLines = 8;

    /// <summary>Points whose staleness is drawn, a chart each.</summary>
    private const int MostHistograms = 6;

    /// <summary>The charts of every axis.</summary>
    public static IReadOnlyList<ChartSection> Of(SweepResults results) =>
        [.. results.Plan.Axes.Select((axis, n) => new ChartSection(axis, [.. Charts(results, axis, n).Where(chart => chart.HasPoints)]))];

    private static IEnumerable<Chart> Charts(SweepResults results, GridAxis axis, int index)
    {
        var lines = AxisLine.Of(results, index);
        var prefix = axis.Name.Replace('.', '-');
        var seconds = results.Plan.Engine == SweepEngine.Simulate ? "virtual seconds" : "seconds of this machine";
        var reference = axis.Values[lines[0].ReferenceIndex];
        Chart Along(string name, string title, string unit, Func<AxisLine, IReadOnlyList<Interval?>> values, double? from,
            double? at = null) =>
                new($"{prefix}-{name}", title, axis.Name, unit,
                    [.. lines.Take(MostLines).Select(line => Line(line.Held.Length == 0 ? "base" : line.Held, values(line)))])
                {
                    Categories = axis.Values,
                    YFrom = from,
                    Reference = at,
                    Caption = Missing(lines, values)
                        + (lines.Count > MostLines ? $" {MostLines} of {lines.Count} lines are drawn; points.csv has all." : string.Empty),
                };
        Func<AxisLine, IReadOnlyList<Interval?>> Each(Func<PointSummary, Interval?> value) => line => [.. line.Points.Select(value)];

        yield return Along("batches-ratio", "Batches to the target, normalised", $"ratio to {axis.Name} = {reference}",
            line => line.Ratios(results), null, 1);
        yield return Along("batches", "Batches to the target", "batches", Each(point => point.Batches), 0);
        yield return Along("seconds", "Time to the target", seconds, Each(point => point.Seconds), 0);
        yield return Curves(results, lines[0], $"{prefix}-over-time", seconds, evaluation => evaluation.Seconds);
        yield return Curves(results, lines[0], $"{prefix}-over-examples", "examples", evaluation => evaluation.Examples);
        yield return Along("best", $"Best {results.Metric}", results.Metric, Each(point => point.Best), null);
        yield return Along("idle", "Idle share of the workers", "% of their time", Each(point => Scale(point.Idle, 100)), 0);
        yield return Along("traffic", "Traffic of the whole run", "MB", Each(point => Scale(point.Traffic, 1e-6)), 0);
        yield return Along("imbalance", "Load of the busiest shard", "over the mean shard", Each(point => point.Imbalance), null, 1);
        yield return Along("staleness", "Mean staleness of pushed rows", "pushes since the pull", Each(point => point.Staleness), 0);
        foreach (var chart in Histograms(lines[0], prefix))
        {
            yield return chart;
        }
    }

    // None of these quantities can be negative; an interval that symmetry carries below 0 is drawn down to it.
    private static ChartSeries Line(string name, IReadOnlyList<Interval?> values) =>
        new(name, [.. values.Select((value, n) => (value, n)).Where(point => point.value is { } known && double.IsFinite(known.Value))
            .Select(point => new ChartPoint(point.n, point.value!.Value.Value, Math.Max(0, point.value.Value.Low),
            point.value.Value.High))]);

    private static Interval? Scale(Interval? interval, double factor) => interval is { } known
        ? new Interval(factor * known.Value, factor * known.Low, factor * known.High) : null;

    /// <summary>What is not drawn, and why: a hole in a line must not pass unexplained.</summary>
    private static string Missing(IReadOnlyList<AxisLine> lines, Func<AxisLine, IReadOnlyList<Interval?>> values)
    {
        var missing = lines.Take(MostLines).SelectMany(line => line.Points.Zip(values(line)).Where(pair => pair.Second is null)
            .Select(pair => pair.First)).ToArray();
        return missing.Length == 0
            ? string.Empty
            : $"Not drawn: {string.Join("; ", missing.Select(point => $"{point.Label} ({(point.Missing > 0 ? $"{point.Missing} runs missing" : $"{point.Reached} of {point.Runs.Count} runs reached the target")})"))}.";
    }

    /// <summary>The metric as it rises, a line per value of the axis: means over seeds of cost and metric, evaluation by
    /// evaluation, as far as all seeds go.</summary>
    private static Chart Curves(SweepResults results, AxisLine line, string name, string unit, Func<RunEvaluation, double> cost)
    {
        var series = new List<ChartSeries>();
        foreach (var (value, point) in line.Axis.Values.Zip(line.Points).Take(MostLines))
        {
            var curves = point.Runs.Select(run => run.Run.Curve(results.Metric, cost)).ToArray();
            var length = curves.Length == 0 ? 0 : curves.Min(curve => curve.Count);
            series.Add(new ChartSeries($"{line.Axis.Name} {value}", [.. Enumerable.Range(0, length)
                .Select(n => new ChartPoint(curves.Average(curve => curve[n].Cost), curves.Average(curve => curve[n].Value)))
                .Where(at => double.IsFinite(at.X) && double.IsFinite(at.Y))]));
        }

        return new Chart(name, $"{results.Metric} against {unit}", unit, results.Metric, series)
        {
            Reference = results.Target,
            Caption = $"Means over seeds{(results.Plan.Windows > 1 ? " and the windows that choose" : string.Empty)}, evaluation by "
                + $"evaluation; the dashed line is the target."
                + (line.Points.Count > MostLines ? $" The first {MostLines} values are drawn." : string.Empty),
        };
    }

    private static IEnumerable<Chart> Histograms(AxisLine line, string prefix)
    {
        // Points of one axis share their bins, so that they can be looked at side by side.
        var drawn = line.Axis.Values.Zip(line.Points).Where(pair => pair.Second.Runs.Count > 0).Take(MostHistograms).ToArray();
        var longest = drawn.SelectMany(pair => pair.Second.Runs).SelectMany(run => run.Run.StalenessHistograms.Values)
            .Select(counts => Array.FindLastIndex(counts, count => count > 0)).DefaultIfEmpty(0).Max();
        if (longest == 0)
        {
            yield break; // nothing was stale anywhere on this axis, and a chart of one bar says no more
        }

        var bins = StalenessBins.UpTo(longest);
        foreach (var (value, point) in drawn)
        {
            foreach (var table in new[] { "item", "user" })
            {
                var series = PopularityBuckets.Names.Select(bucket =>
                {
                    var counts = point.Runs.Select(run => run.Run.StalenessHistograms.GetValueOrDefault($"{table}/{bucket}") ?? [])
                        .ToArray();
                    var shares = StalenessBins.Shares(bins, counts);
                    return new ChartSeries(bucket, [.. shares.Select((share, n) => new ChartPoint(n, 100 * share))]);
                }).Where(one => one.Points.Count > 0).ToArray();
                yield return new Chart($"{prefix}-{line.Axis.Values.ToList().IndexOf(value)}-staleness-{table}",
                    $"Staleness of {table} rows at {line.Axis.Name} = {value}", "pushes between pull and push",
                    "% of the bucket's pushed rows", series)
                {
                    Categories = [.. bins.Select(bin => bin.ToString())],
                    YFrom = 0,
                    Caption = "By popularity: rank of the row in train frequency. All runs together.",
                };
            }
        }
    }
}
