using System.Globalization;
using TwoTower.Model.Evaluation;

namespace TwoTower.Node.Reproductions.Windows;

/// <summary>What has to hold of the recommended recipe over windows and data.</summary>
internal static class WindowChecks
{
    /// <summary>The figures and their bands.</summary>
    public static IEnumerable<ReproductionRow> Of(IReadOnlyList<StudiedWindow> studied)
    {
        foreach (var data in studied.GroupBy(window => window.Data))
        {
            var rolling = Rolling(data);
            foreach (var row in rolling.Length > 0 ? OverWindows(data.Key, rolling) : [])
            {
                yield return row;
            }
        }

        StudiedWindow[] own = [.. studied.Where(window => window.Window == StudiedWindow.Own)];
        foreach (var metric in WindowStudy.Metrics.Where(_ => own.Length > 0))
        {
            var worst = own.MinBy(window => Margin(window, metric))!;
            yield return AtLeast(
                $"all data: least {metric} above the lower end of the best baseline ({worst.Data}, {worst.Best(metric).Label})",
                Margin(worst, metric));
            yield return AtLeast($"all data: {metric} over that of the best baseline, mean of ratios minus 1",
                own.Average(window => window.Model.Mean(metric) / window.Best(metric).Mean(metric)) - 1);
            var least = studied.MinBy(window => window.Model.Minus(window.Of("popularity"), metric).High)!;
            yield return AtLeast(
                $"all data and windows: least upper end of {metric} minus that of popularity ({least.Data}, {least.Window})",
                least.Model.Minus(least.Of("popularity"), metric).High);
        }
    }

    private static IEnumerable<ReproductionRow> OverWindows(string data, StudiedWindow[] windows)
    {
        foreach (var metric in WindowStudy.Metrics)
        {
            var (key, difference) = Differences(windows, metric).MinBy(pair => pair.Difference.Low);
            yield return AtLeast(string.Create(CultureInfo.InvariantCulture,
                $"{data}: {metric} minus that of {key}, the nearest baseline, mean of {windows.Length} windows, lower end"),
                difference.Low);
            var worst = windows.MinBy(window => Margin(window, metric))!;
            yield return AtLeast(
                $"{data}: worst window ({worst.Window}), {metric} above the lower end of the best baseline ({worst.Best(metric).Label})",
                Margin(worst, metric));
        }
    }

    /// <summary>Sentences on what two towers are ahead of on the mean over windows without an interval that leaves 0 out.</summary>
    public static IEnumerable<string> NotToldApart(IReadOnlyList<StudiedWindow> studied) =>
        from data in studied.GroupBy(window => window.Data)
        let rolling = Rolling(data)
        where rolling.Length > 0
        from metric in WindowStudy.Metrics
        from pair in Differences(rolling, metric)
        where pair.Difference.Value > 0 && pair.Difference.Low <= 0
        select string.Create(CultureInfo.InvariantCulture,
            $"On {data.Key} two towers and {pair.Key} cannot be told apart by {metric} over {rolling.Length} windows: the difference is {pair.Difference.Value:+0.0000} [{pair.Difference.Low:+0.0000;-0.0000}, {pair.Difference.High:+0.0000}].");

    private static StudiedWindow[] Rolling(IEnumerable<StudiedWindow> data) =>
        [.. data.Where(window => window.Window != StudiedWindow.Own && !window.IsSynthetic)];

    private static IEnumerable<(string Key, Interval Difference)> Differences(StudiedWindow[] windows, string metric) =>
        windows[0].Baselines.Select(baseline =>
            (baseline.Key, StudiedRanking.MeanDifference([.. windows.Select(window => (window.Model, window.Of(baseline.Key)))], metric)));

    // How far the mean is above the lower end of the best baseline's own interval.
    private static double Margin(StudiedWindow window, string metric) => window.Model.Mean(metric) - window.Best(metric)
        .Interval(metric).Low;

    private static ReproductionRow AtLeast(string measure, double ours) =>
        new(measure, "wanted: not below 0", ours, 0, double.PositiveInfinity);
}
