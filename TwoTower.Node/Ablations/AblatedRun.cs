using System.Text.Json.Nodes;
using TwoTower.Model.Storage;
using TwoTower.Node.Runs;

namespace TwoTower.Node.Ablations;

/// <summary>What an ablation takes from a run's folder.</summary>
/// <param name="Masked">Masked validation metrics of the model.</param>
/// <param name="Raw">The same with seen items in the ranking.</param>
/// <param name="PerUser">Masked metrics user by user.</param>
/// <param name="LossByEpoch">Mean loss per example of each epoch.</param>
/// <param name="Baselines">Masked and raw validation metrics of each baseline.</param>
internal sealed record AblatedRun(
    IReadOnlyDictionary<string, double> Masked, IReadOnlyDictionary<string, double> Raw, IReadOnlyDictionary<string, double[]> PerUser,
    IReadOnlyList<double> LossByEpoch,
    IReadOnlyDictionary<string, (IReadOnlyDictionary<string, double> Masked, IReadOnlyDictionary<string, double> Raw)> Baselines)
{
    /// <summary>Reads a run that has ended.</summary>
    /// <exception cref="StorageException">It is damaged, or nothing was evaluated.</exception>
    public static AblatedRun Read(string folder)
    {
        try
        {
            var summary = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "summary.json")))!;
            var best = summary["best"]!["validation"]!;
            return new AblatedRun(
                Metrics(best["masked"]!), Metrics(best["raw"]!), PerUserMetricsFile.Read(folder)!.Value.Metrics,
                [.. summary["lossByEpoch"]!.AsArray().Select(loss => (double)loss!)],
                summary["baselines"]!.AsObject().Where(baseline => baseline.Value!["validation"] is not null)
                    .ToDictionary(baseline => baseline.Key,
                        baseline => (Metrics(baseline.Value!["validation"]!["masked"]!), Metrics(baseline.Value!["validation"]!["raw"]!)),
                        StringComparer.Ordinal));
        }
        catch (Exception failure)
            when (failure is IOException or System.Text.Json.JsonException or NullReferenceException or InvalidOperationException)
        {
            throw new StorageException($"The run in '{folder}' cannot be read ({failure.Message.TrimEnd('.')}).", failure);
        }
    }

    private static IReadOnlyDictionary<string, double> Metrics(JsonNode node) => node.AsObject()
        .ToDictionary(metric => metric.Key, metric => (double)metric.Value!, StringComparer.Ordinal);
}
