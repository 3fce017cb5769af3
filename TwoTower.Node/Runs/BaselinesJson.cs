using System.Text.Json.Nodes;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;

namespace TwoTower.Node.Runs;

/// <summary>Judged rankings as JSON; the keys are documented in docs/run-folder.md.</summary>
internal static class BaselinesJson
{
    /// <summary>All baselines by name.</summary>
    public static JsonObject Of(Baselines baselines)
    {
        var all = new JsonObject();
        foreach (var (fitted, result) in baselines.All)
        {
            var shape = new JsonObject { ["note"] = fitted.Note };
            foreach (var (name, value) in fitted.Chosen)
            {
                shape[name] = value;
            }

            Fill(shape, result);
            all[fitted.Kind.Key()] = shape;
        }

        return all;
    }

    /// <summary>What the truth of a synthetic world reaches, and the share of the way from popularity to it that a ranking went;
    /// null where the truth is not known.</summary>
    public static JsonObject? OracleOf(Baselines baselines, Judged? ranking)
    {
        if (baselines.Oracle is not { } oracle)
        {
            return null;
        }

        var shape = new JsonObject();
        Fill(shape, oracle);
        shape["shareOfTheWay"] = ranking is null
            ? null : new JsonObject(
            ranking.Masked.Metrics.Select(metric => KeyValuePair.Create(metric, (JsonNode?)baselines.ShareOfTheWay(ranking, metric))));
        return shape;
    }

    /// <summary>Adds a ranking's metrics; null for each part when there are none.</summary>
    public static void Fill(JsonObject shape, Judged? judged)
    {
        shape["validation"] = judged is null ? null : Summary.Metrics(judged.Masked, judged.Raw);
        shape["test"] = judged?.Test is { } test ? Summary.Metrics(test.Masked, test.Raw) : null;
        shape["recallByItem"] = judged is null ? null : new JsonArray([.. judged.Buckets.ByItem.Select(bucket => (JsonNode)bucket.Recall)]);
        shape["recallByUser"] = judged is null ? null : new JsonArray([.. judged.Buckets.ByUser.Select(bucket => (JsonNode)bucket.Recall)]);
    }

    /// <summary>The buckets that recall is divided by; the same for every ranking of a task.</summary>
    public static JsonObject Buckets(BucketedRecall recall) => new()
    {
        ["cutoff"] = recall.Cutoff,
        ["items"] = Bounds(recall.ByItem),
        ["users"] = Bounds(recall.ByUser),
    };

    private static JsonArray Bounds(IReadOnlyList<BucketRecall> buckets) => [.. buckets.Select(bucket => (JsonNode)new JsonObject
    {
        ["from"] = bucket.Bucket.From,
        ["to"] = bucket.Bucket.To,
        ["members"] = bucket.Bucket.Members,
        ["users"] = bucket.Users,
        ["positives"] = bucket.Positives,
    })];
}
