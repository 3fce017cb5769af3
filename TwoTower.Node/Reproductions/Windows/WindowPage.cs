using System.Globalization;
using System.Text;
using TwoTower.Model.Evaluation;
using TwoTower.Node.Display;

namespace TwoTower.Node.Reproductions.Windows;

/// <summary>The study as a page: data × window × ranking, and what was checked.</summary>
/// <param name="name">The page's name.</param>
/// <param name="studied">The windows.</param>
/// <param name="report">What was checked.</param>
/// <param name="context">What it ran on.</param>
internal sealed class WindowPage(string name, IReadOnlyList<StudiedWindow> studied, ReproductionReport report, ReproductionContext context)
{
    /// <summary>Writes the page.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="command">The command that made it.</param>
    public void Write(string folder, string command)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture,
            $"# Does the recipe hold on what comes next?\n\nMade by "
            + $"`{command}`; {(context.Full ? 3 : 1)} seed{(context.Full ? "s" : string.Empty)} of the recommended recipe, unchanged, in "
            + $"every window. ");
        page.Append(report.Passes ? "Everything below holds.\n\n" : "**Not everything below holds.**\n\n");
        foreach (var remark in report.Remarks)
        {
            page.Append(CultureInfo.InvariantCulture, $"- {remark}\n");
        }

        page.Append("\n## What was checked\n\n| measure | here | |\n|---|---|---|\n");
        foreach (var row in report.Rows)
        {
            page.Append(CultureInfo.InvariantCulture,
                $"| {row.Measure} | {row.Ours.ToString("+0.0000;−0.0000;0.0000", CultureInfo.InvariantCulture)} | {(row.Passes ? "holds" : "**does not hold**")} |\n");
        }

        foreach (var data in studied.GroupBy(window => window.Data))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {data.Key}\n");
            StudiedWindow[] rolling = [.. data.Where(window => window.Window != StudiedWindow.Own)];
            if (rolling.Length > 1)
            {
                Means(page, rolling);
            }

            foreach (var window in data)
            {
                Window(page, window);
            }
        }

        MarkdownPage.Write(Path.Combine(folder, $"{name}.md"), page.ToString());
    }

    private static void Means(StringBuilder page, StudiedWindow[] windows)
    {
        page.Append(CultureInfo.InvariantCulture,
            $"\nMean of {windows.Length} windows; two towers minus the row in brackets, and on how many windows two towers are ahead:\n\n");
        Head(page, "ranking");
        Row(page, "**two towers**", metric => Number(windows.Average(window => window.Model.Mean(metric))));
        foreach (var baseline in windows[0].Baselines)
        {
            Row(page, Kind(baseline.Label), metric =>
            {
                var difference =
                    StudiedRanking.MeanDifference([.. windows.Select(window => (window.Model, window.Of(baseline.Key)))], metric);
                var ahead = windows.Count(window => window.Model.Mean(metric) > window.Of(baseline.Key).Mean(metric));
                return string.Create(CultureInfo.InvariantCulture,
                    $"{windows.Average(window => window.Of(baseline.Key).Mean(metric)):0.0000} ({Range(difference)}, {ahead}/{windows.Length})");
            });
        }
    }

    private static void Window(StringBuilder page, StudiedWindow window)
    {
        page.Append(CultureInfo.InvariantCulture,
            $"\n### {(window.Window == StudiedWindow.Own ? "The split's own validation" : $"Window {window.Window}")}, {window.Users} users\n\n");
        Head(page, "ranking");
        Row(page, "**two towers**", metric => Bounds(window.Model.Interval(metric)));
        foreach (var baseline in window.Baselines)
        {
            Row(page, baseline.Label, metric => $"{Number(baseline.Mean(metric))} ({Range(window.Model.Minus(baseline, metric))})");
        }
    }

    private static void Head(StringBuilder page, string first) =>
        page.Append(CultureInfo.InvariantCulture,
            $"| {first} | {string.Join(" | ", WindowStudy.Metrics)} |\n|---|{string.Concat(WindowStudy.Metrics.Select(_ => "---|"))}\n");

    private static void Row(StringBuilder page, string first, Func<string, string> cell) =>
        page.Append(CultureInfo.InvariantCulture, $"| {first} | {string.Join(" | ", WindowStudy.Metrics.Select(cell))} |\n");

    private static string Kind(string label) => label.IndexOf(" (", StringComparison.Ordinal) is > 0 and var at ? label[..at] : label;

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Bounds(Interval interval) =>
        string.Create(CultureInfo.InvariantCulture, $"{interval.Value:0.0000} [{interval.Low:0.0000}, {interval.High:0.0000}]");

    private static string Range(Interval interval)
    {
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{interval.Value:+0.0000;−0.0000;0.0000} [{interval.Low:+0.0000;−0.0000;0.0000}, {interval.High:+0.0000;−0.0000;0.0000}]");
        return interval.ExcludesZero ? $"**{text}**" : text;
    }
}
