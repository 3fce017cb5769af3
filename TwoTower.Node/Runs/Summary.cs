using System.Text.Json;
using System.Text.Json.Nodes;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Node.Display;

namespace TwoTower.Node.Runs;

/// <summary><c>summary.json</c>; its keys are stable and documented in docs/run-folder.md.</summary>
public static class Summary
{
    private static readonly JsonSerializerOptions s_camelCase = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>The summary of a run.</summary>
    public static JsonObject Of(RecommenderData data, ProtocolCard card, TrainingOutcome outcome, Judged? model, Baselines baselines, JudgedColdUsers? cold, long resumedFromBatch) => new()
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
        ["best"] = model is null ? null : Best(model, outcome.Best!.Epoch),
        ["baselines"] = BaselinesJson.Of(baselines),
        ["coldUsers"] = cold?.ToJson(),
        ["buckets"] = BaselinesJson.Buckets(baselines.Popularity.Buckets),
        ["lossByEpoch"] = new JsonArray([.. outcome.LossByEpoch.Select(loss => (JsonNode)loss)]),
        ["temperature"] = JsonSerializer.SerializeToNode(outcome.Temperature, s_camelCase),
        ["maskedShare"] = outcome.MaskedShare,
        ["throughput"] = new JsonObject { ["examplesPerSecond"] = outcome.ExamplesPerSecond, ["trainSeconds"] = outcome.TrainSeconds },
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
    public static JsonObject Metrics(RankingResult masked, RankingResult raw) => new() { ["masked"] = Metrics(masked), ["raw"] = Metrics(raw) };

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

    private static JsonObject Best(Judged model, double epoch)
    {
        var best = new JsonObject { ["epoch"] = epoch };
        BaselinesJson.Fill(best, model);
        return best;
    }
}
