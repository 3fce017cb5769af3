using System.Globalization;
using System.Text.Json.Nodes;
using TwoTower.Actors.Options;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;
using TwoTower.Model.NewUsers;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Node.Runs;

/// <summary>Users who were left out of training, judged by vectors that are made from their train positives (by the user tower itself,
/// where it reads histories; else folded in), beside popularity on the same users.</summary>
/// <param name="Embeddings">The model's, with vectors of these users.</param>
/// <param name="Users">How many they are.</param>
/// <param name="Positives">Their held-out positives.</param>
/// <param name="Model">The model.</param>
/// <param name="Bars">Popularity and recent popularity.</param>
internal sealed record JudgedColdUsers(TwoTowerEmbeddings Embeddings, int Users, int Positives, Judged Model,
    IReadOnlyList<(string Key, Judged Result)> Bars)
{
    /// <summary>Judges them; null when nobody was left out.</summary>
    /// <param name="data">The data.</param>
    /// <param name="options">The run's settings.</param>
    /// <param name="embeddings">The best model's.</param>
    /// <param name="warm">What the model is judged on otherwise: there the window of recent popularity is chosen.</param>
    public static JudgedColdUsers? Of(RecommenderData data, TrainingOptions options, TwoTowerEmbeddings embeddings, JudgedTasks warm)
    {
        if (data.Cold is not { } cold)
        {
            return null;
        }

        var (users, items) = (data.Users.Count, data.Items.Count);
        var task = new RankingTask(InteractionMatrix.From(users, items, cold.Validation), InteractionMatrix.From(users, items, cold.Train),
            data.ValidationUnreachable);
        var tasks = warm with { Validation = task, Test = null, Train = cold.Train };
        var byTower = HistoryVectors.ForNewUsers(embeddings, options.Model) is not null; // which has made their vectors with everybody's
        var folded = Serve(data, options, embeddings);
        var recent = new BaselineFitter(data, options.Metric, options.Seed, Environment.ProcessorCount).Fit(BaselineKind.RecentPopularity);
        return new JudgedColdUsers(
            folded, task.Users.Length, cold.Validation.Count,
            Judged.Of(byTower ? "two towers, by history" : "two towers, folded in", new DotProductScorer(folded), tasks),
            [
                ("popularity", Judged.Of("popularity", StaticScorer.Popularity(data), tasks)),
                ("recentPopularity", Judged.Of(recent.Label, recent.Scorer!, tasks)),
            ]);
    }

    /// <summary>Embeddings in which those who were left out have the vectors by which they are served.</summary>
    /// <param name="data">The data, with somebody left out.</param>
    /// <param name="options">The run's settings.</param>
    /// <param name="embeddings">What was trained.</param>
    internal static TwoTowerEmbeddings Serve(RecommenderData data, TrainingOptions options, TwoTowerEmbeddings embeddings) =>
        HistoryVectors.ForNewUsers(embeddings, options.Model) is not null ? embeddings : Fold(data, data.Cold!, options, embeddings);

    /// <summary>Writes the tables, in 80 columns.</summary>
    /// <param name="tables">Where.</param>
    public void Write(JudgingTables tables)
    {
        tables.Means(string.Create(CultureInfo.InvariantCulture, $"{Users:#,0} users left out of train"),
            [.. Bars.Select(bar => bar.Result), Model], row => row.Masked);
        tables.Differences("Of those users: the model minus a baseline", Model, Bars.Select(bar => bar.Result), "model wins",
            "baseline wins");
    }

    /// <summary>The same as JSON.</summary>
    public JsonObject ToJson()
    {
        var shape = new JsonObject { ["users"] = Users, ["heldOutPositives"] = Positives, ["model"] = Metrics(Model) };
        foreach (var (key, result) in Bars)
        {
            shape[key] = Metrics(result);
            shape[$"modelMinus{char.ToUpperInvariant(key[0])}{key[1..]}"] =
                Intervals(Model.Masked.Metrics, metric => PairedDifference.Of(Model.Masked, result.Masked, metric).Difference);
        }

        return shape;
    }

    private static TwoTowerEmbeddings Fold(RecommenderData data, ColdUsers cold, TrainingOptions options, TwoTowerEmbeddings embeddings)
    {
        var set = new TrainingSet(data.Users.Count, data.Items.Count, data.Train);
        var (fold, clock) = (new FoldIn(embeddings, options.Model, embeddings.TemperatureUnder(options.Loss), set), set.Clock);
        var vectors = (float[])embeddings.Users.Clone();
        var positives = Enumerable.Range(0, cold.Train.Count).ToLookup(n => cold.Train.Users[n]);
        foreach (var user in cold.Users)
        {
            var rows = positives[user].ToArray();
            if (rows.Length > 0)
            {
                var weights = clock.WeightsFromLatest(Array.ConvertAll(rows, n => cold.Train.Timestamps[n]), options.Loss.RecencyHalfLife);
                fold.VectorOf(Array.ConvertAll(rows, n => cold.Train.Items[n]), weights).CopyTo(vectors.AsSpan(user * embeddings.Dim));
            }
        }

        return embeddings with { Users = vectors };
    }

    private static JsonObject Metrics(Judged judged) =>
        new()
        {
            ["masked"] = Summary.Metrics(judged.Masked),
            ["intervals"] = Intervals(judged.Masked.Metrics, metric => Bootstrap.Mean(judged.Masked.PerUser(metric)))
        };

    private static JsonObject Intervals(IEnumerable<string> metrics, Func<string, Interval> of) =>
        new(metrics.Select(metric => KeyValuePair.Create(metric, (JsonNode?)WindowTable.Json(of(metric)))));
}
