using System.Text.Json;
using System.Text.Json.Nodes;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;

namespace TwoTower.Node.Runs;

/// <summary><c>summary.json</c>; its keys are stable and documented in docs/run-folder.md.</summary>
internal static class Summary
{
    private static readonly JsonSerializerOptions s_camelCase = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>The summary of a run.</summary>
    public static JsonObject Of(RecommenderData data, ProtocolCard card, TrainingOutcome outcome, Judged? model, Baselines baselines,
        JudgedColdUsers? cold, long resumedFromBatch) => new()
        {
            ["data"] = new JsonObject
            {
                ["name"] = data.Name,
                ["fingerprint"] = data.Fingerprint,
                ["users"] = data.Users.Count,
                ["items"] = data.Items.Count,
                ["trainPositives"] = data.Train.Count,
                ["validationPositives"] = data.Validation.Count,
                ["testPositives"] = data.Test.Count,
                ["validationUsers"] = card.EvaluableUsers,
            },
            ["protocol"] = card.ToJson(),
            ["stopReason"] = JsonNamingPolicy.CamelCase.ConvertName(outcome.Reason.ToString()),
            ["resumedFromBatch"] = resumedFromBatch,
            ["best"] = model is null ? null : Best(model, outcome.Best!.Epoch, baselines),
            ["baselines"] = BaselinesJson.Of(baselines),
            ["oracle"] = BaselinesJson.OracleOf(baselines, model),
            ["coldUsers"] = cold?.ToJson(),
            ["buckets"] = BaselinesJson.Buckets(baselines.Popularity.Buckets),
            ["lossByEpoch"] = new JsonArray([.. outcome.LossByEpoch.Select(loss => (JsonNode)loss)]),
            ["temperature"] = JsonSerializer.SerializeToNode(outcome.Temperature, s_camelCase),
            ["maskedShare"] = outcome.MaskedShare,
            ["throughput"] = new JsonObject { ["examplesPerSecond"] = outcome.ExamplesPerSecond, ["trainSeconds"] = outcome.TrainSeconds },
            ["environment"] = RunEnvironment.ToJson(),
            ["memory"] = new JsonObject { ["peakBytes"] = PeakMemory() },
            ["time"] = JsonSerializer.SerializeToNode(outcome.Time, s_camelCase),
            ["staleness"] = JsonSerializer.SerializeToNode(outcome.Staleness, s_camelCase),
            ["shards"] = JsonSerializer.SerializeToNode(outcome.Shards, s_camelCase),
            ["parametersSha256"] = outcome.ParametersSha256,
        };

    /// <summary>Largest working set of this process so far, in bytes; 0 where the system does not tell.</summary>
    public static long PeakMemory()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    /// <summary>The metrics of one ranking under both protocols.</summary>
    public static JsonObject Metrics(RankingResult masked, RankingResult raw) =>
        new() { ["masked"] = Metrics(masked), ["raw"] = Metrics(raw) };

    /// <summary>The metrics of one ranking.</summary>
    public static JsonObject Metrics(RankingResult result)
    {
        var metrics = new JsonObject();
        foreach (var metric in result.Metrics)
        {
            metrics[metric] = result.Mean(metric);
        }

        foreach (var (k, share) in result.Coverage)
        {
            metrics[$"coverage@{k}"] = share;
        }

        return metrics;
    }

    private static JsonObject Best(Judged model, double epoch, Baselines baselines)
    {
        var best = new JsonObject { ["epoch"] = epoch };
        BaselinesJson.Fill(best, model);
        best["intervals"] = Intervals(model, metric => Ends(Bootstrap.Mean(model.Masked.PerUser(metric))));
        var differences = new JsonObject();
        foreach (var (fitted, result) in baselines.All)
        {
            if (result is not null && fitted.Kind != BaselineKind.Random)
            {
                differences[fitted.Kind.Key()] =
                    Intervals(model, metric => WithEnds(PairedDifference.Of(model.Masked, result.Masked, metric).Difference));
            }
        }

        best["differences"] = differences;
        return best;
    }

    private static double[] Ends(Interval interval) => [interval.Low, interval.High];

    private static double[] WithEnds(Interval interval) => [interval.Value, interval.Low, interval.High];

    /// <summary>Recall at every cut-off and NDCG at the first.</summary>
    private static JsonObject Intervals(Judged model, Func<string, double[]> of)
    {
        var metrics = model.Masked.Metrics.Where(metric => metric.StartsWith("recall@", StringComparison.Ordinal))
            .Append(model.Masked.Metrics.First(metric => metric.StartsWith("ndcg@", StringComparison.Ordinal)));
        return new JsonObject(
            metrics.Select(metric =>
            KeyValuePair.Create(metric,
            (JsonNode?)new JsonArray([.. of(metric).Select(value => double.IsFinite(value) ? (JsonNode?)value : null)]))));
    }
}
