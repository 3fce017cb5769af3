using System.Text.Json.Nodes;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;
using TwoTower.Node.Display;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Runs;

/// <summary>A data set, its baselines, and perhaps a model, judged on the same users under the same mask.</summary>
/// <param name="Metric">The metric that decides.</param>
/// <param name="Cutoffs">The K's.</param>
/// <param name="Data">The data.</param>
/// <param name="Card">What the metrics mean.</param>
/// <param name="Baselines">The baselines.</param>
/// <param name="Model">The model; null when only the bars are asked for.</param>
internal sealed record JudgedData(string Metric, IReadOnlyList<int> Cutoffs, RecommenderData Data, ProtocolCard Card, Baselines Baselines,
    Judged? Model)
{
    /// <summary>Fits and judges.</summary>
    /// <param name="settings">Cut-offs, deciding metric, baselines, whether test counts.</param>
    /// <param name="data">The data.</param>
    /// <param name="model">A model's scores, or null.</param>
    /// <param name="to">Where each baseline is told of as soon as it is there.</param>
    public static JudgedData Of(ResolvedSettings settings, RecommenderData data, IItemScorer? model, TextWriter to)
    {
        var training = settings.Values.Training;
        var tasks = JudgedTasks.Of(data, training, settings.Values.Judging.Final);
        var baselines = Baselines.Of(data, training, tasks, settings.Values.Judging.Baselines,
            baseline => BaselineLines.PrintBaseline(baseline, TrainingDisplay.Metrics(training), to), settings.Values.Data);
        BaselineLines.PrintOracle(baselines, TrainingDisplay.Metrics(training), to);
        var judged = model is null ? null : Judged.Of("two towers", model, tasks);
        return new JudgedData(training.Metric, training.Cutoffs, data, ProtocolCard.Of(data, tasks.Validation).WithTies(baselines, judged),
            baselines, judged);
    }

    /// <summary>Masked validation metrics of every baseline by name.</summary>
    public IReadOnlyList<(string Name, IReadOnlyDictionary<string, double> Metrics)> Rankings =>
    [
        .. Baselines.All.Where(baseline => baseline.Result is not null).Select(baseline => (
            baseline.Fitted.Kind.InWords(),
            (IReadOnlyDictionary<string, double>)baseline.Result!.Masked.Metrics.ToDictionary(metric => metric, baseline.Result.Masked.Mean,
                StringComparer.Ordinal))),
    ];

    /// <summary>The ranking that the others are held against: the model, or else the best baseline.</summary>
    public Judged Subject => Model ?? Baselines.Results.MaxBy(row => row.Masked.Mean(Metric))!;

    /// <summary>The tables in 80 columns.</summary>
    public void Write(TextWriter to)
    {
        var tables = new JudgingTables(to, Cutoffs);
        Judged[] rows = [.. Baselines.Results, .. Model is null ? Array.Empty<Judged>() : [Model], .. Baselines.Oracle is { } oracle
            ? [oracle] : Array.Empty<Judged>()];
        tables.Means($"{Card.Judged}, seen items masked", rows, row => row.Masked);
        tables.Shares(Baselines, Subject);
        if (rows[0].Test is not null)
        {
            tables.Means("Test, seen items masked", rows, row => row.Test?.Masked);
        }

        tables.Buckets(rows);
        if (Model is null)
        {
            tables.Differences($"The best by {Metric}, {Subject.Name}, minus another", Subject, Baselines.Bars.Where(row => row != Subject),
                "best wins", "other wins");
        }
        else
        {
            tables.Differences(JudgingTables.ModelMinusBaseline, Model, Baselines.Bars, "model wins", "baseline wins");
        }

        foreach (var note in Baselines.Notes)
        {
            to.WriteLine(Paragraph.Wrap($"  note: {note}", 4));
        }

        to.WriteLine();
        Card.Write(to);
    }

    /// <summary>The same and more as JSON.</summary>
    public JsonObject ToJson()
    {
        var baselines = BaselinesJson.Of(Baselines);
        foreach (var (fitted, result) in Baselines.All)
        {
            var shape = baselines[fitted.Kind.Key()]!.AsObject();
            shape["seconds"] = fitted.Seconds;
            shape["intervals"] = Intervals(result);
            shape["subjectMinusThis"] = result is null || result == Subject ? null : new JsonObject(result.Masked.Metrics.Select(metric =>
                KeyValuePair.Create(metric, (JsonNode?)WindowTable.Json(PairedDifference.Of(Subject.Masked, result.Masked, metric)
                    .Difference))));
        }

        JsonObject? model = null;
        if (Model is not null)
        {
            model = new JsonObject();
            BaselinesJson.Fill(model, Model);
            model["intervals"] = Intervals(Model);
        }

        return new JsonObject
        {
            ["data"] = Data.Name,
            ["dataFingerprint"] = Data.Fingerprint,
            ["protocol"] = Card.ToJson(),
            ["metric"] = Metric,
            ["subject"] = Model is null ? Baselines.All.First(baseline => baseline.Result == Subject).Fitted.Kind.Key() : "model",
            ["model"] = model,
            ["baselines"] = baselines,
            ["oracle"] = BaselinesJson.OracleOf(Baselines, Subject),
            ["buckets"] = BaselinesJson.Buckets(Subject.Buckets),
            ["warnings"] = new JsonArray([.. Data.Split.Warnings.Select(warning => (JsonNode)warning)]),
        };
    }

    private static JsonObject? Intervals(Judged? judged) => judged is null ? null : new JsonObject(judged.Masked.Metrics.Select(metric =>
        KeyValuePair.Create(metric, (JsonNode?)WindowTable.Json(Bootstrap.Mean(judged.Masked.PerUser(metric))))));
}
