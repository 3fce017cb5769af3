using System.Globalization;

namespace TwoTower.Node.Reproductions.Windows;

/// <summary>What has to hold of the recommended recipe over windows and data.</summary>
internal static class WindowChecks
{
    /// <summary>The figures and their bands.</summary>
    public static IEnumerable<ReproductionRow> Of(IReadOnlyList<StudiedWindow> studied)
    {
        foreach (var data in studied.GroupBy(window => window.Data))
        {
            StudiedWindow[] rolling = [.. data.Where(window => window.Window != StudiedWindow.Own && !window.IsSynthetic)];
            foreach (var row in rolling.Length > 0 ? OverWindows(data.Key, rolling) : [])
            {
                yield return row;
            }
        }

        StudiedWindow[] own = [.. studied.Where(window => window.Window == StudiedWindow.Own)];
        foreach (var metric in WindowStudy.Metrics.Where(_ => own.Length > 0))
        {
            var worst = own.MinBy(window => Margin(window, metric))!;
            yield return AtLeast($"all data: least {metric} above the lower end of the best baseline ({worst.Data}, {worst.Best(metric).Label})", Margin(worst, metric));
            yield return AtLeast($"all data: {metric} over that of the best baseline, mean of ratios minus 1", own.Average(window => window.Model.Mean(metric) / window.Best(metric).Mean(metric)) - 1);
            var least = studied.MinBy(window => window.Model.Minus(window.Of("popularity"), metric).High)!;
            yield return AtLeast($"all data and windows: least upper end of {metric} minus that of popularity ({least.Data}, {least.Window})", least.Model.Minus(least.Of("popularity"), metric).High);
        }
    }

    private static IEnumerable<ReproductionRow> OverWindows(string data, StudiedWindow[] windows)
    {
        foreach (var metric in WindowStudy.Metrics)
        {
            var nearest = windows[0].Baselines.Select(baseline => (baseline.Key, Difference: StudiedRanking.MeanDifference([.. windows.Select(window => (window.Model, window.Of(baseline.Key)))], metric)))
                .MinBy(pair => pair.Difference.Low);
            yield return AtLeast(string.Create(CultureInfo.InvariantCulture, $"{data}: {metric} minus that of {nearest.Key}, the nearest baseline, mean of {windows.Length} windows, lower end"), nearest.Difference.Low);
            var worst = windows.MinBy(window => Margin(window, metric))!;
            yield return AtLeast($"{data}: worst window ({worst.Window}), {metric} above the lower end of the best baseline ({worst.Best(metric).Label})", Margin(worst, metric));
        }
    }

    // How far the mean is above the lower end of the best baseline's own interval.
    private static double Margin(StudiedWindow window, string metric) => window.Model.Mean(metric) - window.Best(metric).Interval(metric).Low;

    private static ReproductionRow AtLeast(string measure, double ours) => new(measure, "wanted: not below 0", ours, 0, double.PositiveInfinity);
}
