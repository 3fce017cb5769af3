using System.Text.Json.Nodes;
using TwoTower.Node.Runs;

namespace TwoTower.Node.Diagnosis;

/// <summary><c>diagnosis.json</c>.</summary>
internal static class DiagnosisJson
{
    /// <summary>A diagnosis as an object.</summary>
    public static JsonObject Of(DiagnosisResult result)
    {
        var subject = result.Subject;
        return new JsonObject
        {
            ["subject"] = subject.Title,
            ["recipe"] = subject.Settings?.Recipe,
            ["data"] = subject.Data.Name,
            ["dataFingerprint"] = subject.Data.Fingerprint,
            ["metric"] = subject.CostMetric,
            ["model"] = subject.Model is null ? null : Summary.Metrics(subject.Model.Masked, subject.Model.Raw),
            ["baselines"] = BaselinesJson.Of(subject.Baselines),
            ["windows"] = new JsonArray([.. subject.JudgedWindows.Select(window => (JsonNode)new JsonObject
            {
                ["window"] = window.Window,
                ["model"] = Summary.Metrics(window.Model!.Masked, window.Model.Raw),
                ["baselines"] = BaselinesJson.Of(window.Baselines),
            })]),
            ["findings"] = new JsonArray([.. result.Findings.Select(finding => (JsonNode)Of(finding))]),
            ["silent"] = new JsonArray([.. result.Silent.Select(check => (JsonNode)check.Name)]),
            ["notLooked"] =
                new JsonArray(
                [.. result.NotLooked.Select(check => (JsonNode)new JsonObject { ["check"] = check.Check.Name,
                ["reason"] = check.Reason })]),
            ["notes"] = new JsonArray([.. subject.Baselines.Notes.Select(note => (JsonNode)note)]),
        };
    }

    private static JsonObject Of(Finding finding) => new()
    {
        ["check"] = finding.Check,
        ["headline"] = finding.Headline,
        ["severity"] = finding.Severity.ToString().ToLowerInvariant(),
        ["cost"] = finding.RecallCost is not { } cost ? null : new JsonObject
        {
            ["metric"] = cost.Metric,
            ["value"] = cost.Lost.Value,
            ["low"] = Finite(cost.Lost.Low),
            ["high"] = Finite(cost.Lost.High),
            ["how"] = cost.How,
            ["windows"] = cost.OverWindows is not { } others ? null : new JsonObject
            {
                ["names"] = new JsonArray([.. others.Windows.Select(window => (JsonNode)window)]),
                ["value"] = others.Gained.Value,
                ["low"] = Finite(others.Gained.Low),
                ["high"] = Finite(others.Gained.High),
                ["ahead"] = others.Ahead,
            },
            ["advised"] = cost.IsAdvised,
        },
        ["whyNoCost"] = finding.WhyNoCost,
        ["evidence"] =
            new JsonArray(
            [.. finding.Evidence.Select(evidence => (JsonNode)new JsonObject { ["what"] = evidence.What, ["value"] = Finite(evidence.Value),
            ["comparedTo"] = evidence.ComparedTo })]),
        ["advice"] = finding.Advice.Text,
        ["settings"] =
            new JsonObject(finding.Advice.Settings.Select(setting => KeyValuePair.Create(setting.Key, (JsonNode?)setting.Value))),
    };

    private static JsonNode? Finite(double value) => double.IsFinite(value) ? value : null;
}
