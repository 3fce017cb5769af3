using System.Globalization;
using TwoTower.Node.Plots;
using TwoTower.Node.Sweeps;
using TwoTower.Node.Telemetry;

namespace TwoTower.Node.Reports;

/// <summary>The charts of a report; one line a run.</summary>
internal static class ReportCharts
{
    /// <summary>Lines that a chart holds; more cannot be told apart.</summary>
    private const int MostLines = 8;

    private static readonly (string Key, string Name)[] s_bars = [("popularity", "popularity"), ("recentPopularity", "recent popularity"),
        ("ease", "EASE")];

    /// <summary>The charts that have anything to show.</summary>
    public static IReadOnlyList<Chart> Of(IReadOnlyList<ReportedRun> all)
    {
        var runs = all.Take(MostLines).ToArray();
        var metric = runs[0].Metrics[0];
        Chart[] charts = [Recall(runs, metric), Loss(runs), Speed(runs), Staleness(runs), Time(runs), Shards(runs)];
        return [.. charts.Where(chart => chart.HasPoints)
            .Select(chart => all.Count > MostLines ? chart with
            { Caption = $"{chart.Caption} {MostLines} of {all.Count} runs are drawn.".Trim() } : chart)];
    }

    private static Chart Recall(ReportedRun[] runs, string metric)
    {
        var curves =
            runs.Select(run =>
            new ChartSeries(run.Name,
            [.. run.Record.Curve(metric, evaluation => evaluation.Examples).Select(point => new ChartPoint(point.Cost, point.Value))]))
            .ToArray();
        var last = curves.SelectMany(curve => curve.Points).Select(point => point.X).DefaultIfEmpty().Max();
        var room = Math.Max(0, MostLines - curves.Length);
        ChartSeries[] bars = runs.Select(run => run.Record.Fingerprint).Distinct().Count() > 1 || last <= 0
            ? []
            : [.. s_bars.Where(_ => room-- > 0)
                .Select(bar =>
                (bar.Name, Value: ReportedRun.ValueOf(runs[0].Baselines.FirstOrDefault(baseline => baseline.Key == bar.Key).Value, metric)))
                .Append((Name: "oracle", Value: room > 0 ? ReportedRun.ValueOf(runs[0].Oracle, metric) : null))
                .Where(bar => bar.Value is not null)
                .Select(bar => new ChartSeries(bar.Name, [new ChartPoint(0, bar.Value!.Value), new ChartPoint(last, bar.Value.Value)]))];
        return new Chart("recall", $"Masked validation {metric}", "examples", metric, [.. curves, .. bars])
        {
            Caption = bars.Length > 0
            ? "Level lines are baselines on the same users, and where the data is synthetic its truth." : string.Empty
        };
    }

    private static Chart Loss(ReportedRun[] runs) => new("loss", "Loss by epoch", "epoch", "mean loss per example",
        [.. runs.Select(run => new ChartSeries(run.Name, [.. run.Record.LossByEpoch.Select((loss, n) => new ChartPoint(n + 1, loss))]))]);

    private static Chart Speed(ReportedRun[] runs) => new("speed", "Examples per second", "examples", "examples/s",
        [.. runs.Select(run =>
            new ChartSeries(run.Name,
            [.. Thinned([.. run.Events.OfType<RunEvent.Progress>().Where(progress => progress.ExamplesPerSecond is not null)])
            .Select(progress => new ChartPoint(progress.Examples, progress.ExamplesPerSecond!.Value))]))])
    {
        YFrom = 0,
        Caption = runs.Any(run => run.Record.IsSimulated) ? "Within each epoch so far; seconds of simulated runs are virtual."
            : "Within each epoch so far.",
    };

    private static Chart Staleness(ReportedRun[] runs)
    {
        var bins = StalenessBins.UpTo(runs.Max(run => run.Record.StalenessHistograms.Values.Select(counts => counts.Length - 1)
            .DefaultIfEmpty().Max()));
        return new Chart("staleness", "Staleness of pushed rows", "pushes to the row since it was pulled", "% of rows",
            [.. runs.Select(run =>
                new ChartSeries(run.Name, [.. StalenessBins.Shares(bins, run.Record.StalenessHistograms.Values)
                .Select((share, n) => new ChartPoint(n, 100 * share))]))])
        {
            Categories = [.. bins.Select(bin => bin.ToString())],
            YFrom = 0,
        };
    }

    private static Chart Time(ReportedRun[] runs)
    {
        string[] parts = [.. runs.SelectMany(run => run.Record.Time.Keys).Distinct(StringComparer.Ordinal)];
        return new Chart("time", "Where time went", "part of the work", "thread seconds",
            [.. runs.Select(run =>
                new ChartSeries(run.Name, [.. parts.Select((part, n) => (part, n)).Where(part => run.Record.Time.ContainsKey(part.part))
                .Select(part => new ChartPoint(part.n, run.Record.Time[part.part]))]))])
        {
            Categories = parts,
            IsJoined = false,
            YFrom = 0,
            Caption = "Over all workers and shards, by the clock of the machine.",
        };
    }

    private static Chart Shards(ReportedRun[] runs)
    {
        var loads = runs.Select(run => run.Summary["shards"]!.AsArray().Select(shard => (double)shard!["bytes"]! / 1e6).ToArray())
            .ToArray();
        return new Chart("shards", "Load of shards", "shard", "MB of rows in and out",
            [.. runs.Select((run, n) => new ChartSeries(run.Name, [.. loads[n].Select((load, shard) => new ChartPoint(shard, load))]))])
        {
            Categories = [.. Enumerable.Range(0, loads.Max(load => load.Length))
                .Select(shard => shard.ToString(CultureInfo.InvariantCulture))],
            IsJoined = false,
            YFrom = 0,
        };
    }

    /// <summary>No chart on paper has room for more than some hundred points.</summary>
    private static IEnumerable<T> Thinned<T>(IReadOnlyList<T> values)
    {
        var every = Math.Max(1, values.Count / 300);
        return values.Where((_, n) => n % every == 0 || n == values.Count - 1);
    }
}
