using System.Globalization;
using System.Text.Json.Nodes;
using TwoTower.Model.Evaluation;
using TwoTower.Node.Display;

namespace TwoTower.Node.Runs;

/// <summary>What holds over rolling time windows, as text and as JSON.</summary>
internal static class WindowTable
{
    /// <summary>Writes means with their intervals, and each ranking's difference from one of them.</summary>
    /// <param name="to">Where.</param>
    /// <param name="means">The rankings.</param>
    /// <param name="metrics">The metrics that are shown.</param>
    /// <param name="subject">The ranking that the others are held against.</param>
    public static void Write(TextWriter to, WindowMeans means, IReadOnlyList<string> metrics, WindowedRanking subject)
    {
        var count = subject.Windows.Count;
        to.WriteLine();
        to.WriteLine($"Mean over {count} windows, seen items masked; ± is half of Student's 95 % interval");
        to.WriteLine($"  {"",-18}{string.Concat(metrics.Select(metric => $"{metric,15}"))}");
        foreach (var ranking in means.Rankings)
        {
            to.WriteLine($"  {ranking.Name,-18}{string.Concat(metrics.Select(metric => $"{Cell(ranking.Mean(metric)),15}"))}");
        }

        if (count > 2)
        {
            to.WriteLine();
            to.WriteLine($"  {"of the last alone",-18}{string.Concat(metrics.Select(metric => $"{metric,15}"))}");
            foreach (var ranking in means.Rankings)
            {
                to.WriteLine(
                    $"  {ranking.Name,-18}{string.Concat(metrics.Select(metric => $"{ranking.Windows[^1][metric].ToString("0.0000", CultureInfo.InvariantCulture),15}"))}");
            }
        }

        to.WriteLine();
        to.WriteLine($"{Capital(subject.Name)} minus another, paired by window; a winner where 0 is outside,");
        to.WriteLine("  and on how many windows it was ahead");
        foreach (var other in means.Rankings.Where(ranking => ranking != subject))
        {
            foreach (var metric in metrics)
            {
                var difference = subject.Minus(other, metric);
                to.WriteLine(
                    $"  {metric,-10} - {other.Name,-17} {DifferenceText.Signed(difference.Value),7} {DifferenceText.Range(difference)}  {DifferenceText.Verdict(difference, "wins", "loses")}, {subject.AheadOf(other, metric)}/{count}");
            }
        }
    }

    /// <summary>The same with every window's values; a bound that does not exist is null.</summary>
    public static JsonObject Json(WindowMeans means, WindowedRanking subject)
    {
        var rankings = new JsonObject();
        foreach (var ranking in means.Rankings)
        {
            var metrics = new JsonObject();
            foreach (var metric in ranking.Windows[0].Keys)
            {
                metrics[metric] = new JsonObject
                {
                    ["windows"] = new JsonArray([.. ranking.Windows.Select(window => (JsonNode)window[metric])]),
                    ["mean"] = Json(ranking.Mean(metric)),
                    ["meanOfAllButTheLast"] = ranking.Windows.Count > 2 ? ranking.Windows.SkipLast(1)
                        .Average(window => window[metric]) : null,
                    ["subjectIsAheadIn"] = ranking == subject ? null : subject.AheadOf(ranking, metric),
                    ["subjectMinusThis"] = ranking == subject ? null : Json(subject.Minus(ranking, metric)),
                };
            }

            rankings[ranking.Name] = metrics;
        }

        return new JsonObject { ["windows"] = subject.Windows.Count, ["subject"] = subject.Name, ["rankings"] = rankings };
    }

    /// <summary>An interval as JSON.</summary>
    public static JsonObject Json(Interval interval) => new()
    {
        ["value"] = interval.Value,
        ["low"] = double.IsNaN(interval.Low) ? null : interval.Low,
        ["high"] = double.IsNaN(interval.High) ? null : interval.High,
    };

    private static string Cell(Interval mean) => double.IsNaN(mean.Low)
        ? mean.Value.ToString("0.0000", CultureInfo.InvariantCulture)
        : FormattableString.Invariant($"{mean.Value:0.0000} ±{mean.High - mean.Value:.0000}");

    private static string Capital(string name) => char.ToUpperInvariant(name[0]) + name[1..];
}
