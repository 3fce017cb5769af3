using System.Text.Json.Nodes;
using TwoTower.Model.Storage;
using TwoTower.Node.Sweeps;

namespace TwoTower.Node.Dashboard;

/// <summary>Runs side by side, as <c>twotower compare</c> puts them: each with the first.</summary>
internal static class ComparedRuns
{
    /// <summary>Settings whose values are not the same in all runs. Settings of a world that only some of them ran in follow from the
    /// engine, which counts as one.</summary>
    /// <param name="configs">Every run's <c>config.json</c>.</param>
    public static IReadOnlyList<DifferingSetting> Settings(IReadOnlyList<JsonObject> configs)
    {
        var settings = configs.Select(config => (config["settings"] as JsonObject ?? []).ToDictionary(pair => pair.Key,
            pair => (string?)pair.Value, StringComparer.Ordinal)).ToArray();
        var engines = new DifferingSetting("engine", [.. configs.Select(config => (string?)config["command"])]);
        var oneEngine = engines.Values.Distinct().Count() == 1;
        return
        [
            .. new[] { engines }.Where(_ => !oneEngine),
            .. settings.SelectMany(run => run.Keys).Distinct(StringComparer.Ordinal)
                .Where(key => oneEngine || settings.All(run => run.ContainsKey(key)))
                .Select(key => new DifferingSetting(key, [.. settings.Select(run => run.GetValueOrDefault(key))]))
                .Where(setting => setting.Values.Distinct().Count() > 1),
        ];
    }

    /// <summary>The metrics of a run beside the first's, with the interval of their difference.</summary>
    /// <exception cref="StorageException">A run cannot be read.</exception>
    public static ComparedMetrics Metrics(string first, string second)
    {
        if (!RunRecord.IsWhole(first) || !RunRecord.IsWhole(second))
        {
            return new ComparedMetrics("a run without a result has no metrics per user", []);
        }

        var comparison = RunComparison.Of(RunRecord.Read(first), RunRecord.Read(second));
        return new ComparedMetrics(
            comparison.Unknown,
            [.. comparison.Metrics.Select(metric => new ComparedMetric(metric.Metric, metric.First, metric.Second, metric.Difference?.Value,
                Finite(metric.Difference?.Low), Finite(metric.Difference?.High)))]);
    }

    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}

/// <summary>A setting that differs.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Values">Its value in every run; null where a run does not have it.</param>
internal sealed record DifferingSetting(string Key, IReadOnlyList<string?> Values);

/// <summary>Two runs' metrics.</summary>
/// <param name="Unknown">Why the intervals are not known; null when they are.</param>
/// <param name="Metrics">The metrics.</param>
internal sealed record ComparedMetrics(string? Unknown, IReadOnlyList<ComparedMetric> Metrics);

/// <summary>A metric of two runs: both values, second minus first, and its 95 % interval over users.</summary>
internal sealed record ComparedMetric(string Metric, double? First, double? Second, double? Difference, double? Low, double? High);
