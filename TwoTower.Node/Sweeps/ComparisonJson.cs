using System.Text.Json.Nodes;
using TwoTower.Model.Evaluation;

namespace TwoTower.Node.Sweeps;

/// <summary>A comparison as JSON.</summary>
internal static class ComparisonJson
{
    /// <summary>A comparison as an object.</summary>
    public static JsonObject Of(RunComparison comparison) => new()
    {
        ["first"] = comparison.First.Folder,
        ["second"] = comparison.Second.Folder,
        ["settings"] =
            new JsonArray(
            [.. comparison.Settings.Select(setting => (JsonNode)new JsonObject { ["key"] = setting.Key, ["first"] = setting.First,
            ["second"] = setting.Second })]),
        ["metrics"] =
            new JsonArray(
            [.. comparison.Metrics.Select(metric => (JsonNode)new JsonObject { ["metric"] = metric.Metric, ["first"] = metric.First,
            ["second"] = metric.Second, ["secondMinusFirst"] = Interval(metric.Difference) })]),
        ["intervalsUnknownBecause"] = comparison.Unknown,
        ["measured"] = new JsonObject { ["first"] = Measured(comparison.First), ["second"] = Measured(comparison.Second) },
        ["sameParameters"] = comparison.First.ParametersSha256 == comparison.Second.ParametersSha256,
    };

    private static JsonObject? Interval(Interval? interval) => interval is { } known
        ? new() { ["value"] = known.Value, ["low"] = Finite(known.Low), ["high"] = Finite(known.High) } : null;

    private static JsonObject Measured(RunRecord run) => new()
    {
        ["seconds"] = Finite(run.Seconds),
        ["secondsAreVirtual"] = run.IsSimulated,
        ["stalenessMean"] = Finite(run.Staleness.Mean),
        ["stalenessP99"] = Finite(run.Staleness.P99),
        ["stalenessMax"] = Finite(run.Staleness.Max),
        ["idleShare"] = Finite(run.IdleShare),
        ["trafficBytes"] = Finite(run.TrafficBytes),
        ["loadImbalance"] = Finite(run.LoadImbalance),
    };

    private static JsonNode? Finite(double value) => double.IsFinite(value) ? value : null;
}
