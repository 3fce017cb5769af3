using TwoTower.Model.Diagnosis;
using TwoTower.Model.Evaluation;
using TwoTower.Node.Plots;
using TwoTower.Node.Runs;

namespace TwoTower.Node.Diagnosis.Checks;

/// <summary>A model that finds again what it was trained on, and little else.</summary>
internal sealed class GapCheck : ICheck
{
    /// <summary>How many times its validation recall a model's recall of train positives may be.</summary>
    private const double MostTimes = 3;

    /// <summary>Share of its best value that a metric has to lose until the end to be called falling.</summary>
    private const double Fall = 0.1;

    /// <inheritdoc />
    public string Name => "train-validation gap";

    /// <inheritdoc />
    public string Question =>
        "Does the model find validation positives about as well as train positives, and does training stop when validation does?";

    /// <inheritdoc />
    public Finding? Look(DiagnosisSubject subject)
    {
        subject.UsersOrSay();
        var scorer = new DotProductScorer(subject.EmbeddingsForTrainOrSay());
        var model = subject.ModelOrSay();
        var history = subject.HistoryOrSay();
        var metric = subject.CostMetric;
        var task = TrainRecall.Task(subject.Tasks.Validation)
            ?? throw new NotLookedException(
            "no evaluated user has as many train positives as held-out ones, so the two recalls would not compare");
        var train = RankingEvaluator.Evaluate(scorer, task, RankingProtocol.Masked, [subject.CostCutoff], Environment.ProcessorCount)
            .Mean(metric);
        var validation = Over(model, metric, task.Users);
        var points = history.Evaluations.Where(point => point.Metrics.ContainsKey(metric)).ToArray();
        var (best, last) = points.Length == 0 ? (double.NaN, double.NaN)
            : (points.Max(point => point.Metrics[metric]), points[^1].Metrics[metric]);
        var bestAt = points.Length == 0 ? 0 : Array.FindIndex(points, point => point.Metrics[metric] == best);
        var falls = points.Length > 1 && last < (1 - Fall) * best && history.LossByEpoch.Count > 1
            && history.LossByEpoch[^1] < history.LossByEpoch[0];
        if (train <= MostTimes * validation && !falls)
        {
            return null;
        }

        var decay = subject.SettingsOrSay().Training.Optimizer.WeightDecay;
        return new Finding(
            Name,
            falls
                ? FormattableString.Invariant(
                    $"Validation falls while the loss goes on falling: {metric} was {best:0.0000} at ")
                    + FormattableString.Invariant(
                    $"evaluation {bestAt + 1} of {points.Length} and is {last:0.0000} at the end. The model learns train by heart.")
                : FormattableString.Invariant(
                    $"The model finds train positives {train / Math.Max(1e-9, validation):0.0} times as well as validation positives: it ")
                    + FormattableString.Invariant($"knows its train part by heart."),
            [
                new Evidence($"{metric} of train positives, the other ones masked", train,
                    FormattableString.Invariant($"validation {validation:0.0000}, the same users")),
                new Evidence($"{metric} at the last evaluation", last, FormattableString.Invariant($"best {best:0.0000}")),
                new Evidence("loss of the last epoch", history.LossByEpoch.Count > 0 ? history.LossByEpoch[^1] : double.NaN,
                    history.LossByEpoch.Count > 0 ? FormattableString.Invariant($"first epoch {history.LossByEpoch[0]:0.0000}") : null),
            ],
            new Advice("Regularise: weight decay, fewer dimensions, a higher temperature, fewer epochs, dropout in towers.",
                [("optimizer.weightDecay", decay > 0 ? (10 * decay).ToString("R", System.Globalization.CultureInfo.InvariantCulture)
                : "0.0001")]))
        {
            Severity = Severity.Harmful,
            Plots =
            [
                new Chart("validation", $"Masked {metric} over training", "batches", metric,
                    [new ChartSeries(metric, [.. points.Select(point => new ChartPoint(point.Batches, point.Metrics[metric]))])]) {
                    YFrom = 0 },
                new Chart("loss", "Loss over training", "epoch", "mean loss",
                    [new ChartSeries("loss", [.. history.LossByEpoch.Select((loss, n) => new ChartPoint(n + 1, loss))])]),
            ],
        };
    }

    /// <summary>Mean over some of a ranking's users.</summary>
    private static double Over(Judged model, string metric, int[] users)
    {
        var wanted = users.ToHashSet();
        var values = model.Masked.PerUser(metric);
        return model.Masked.Users.Select((user, n) => (user, n)).Where(row => wanted.Contains(row.user)).Average(row => values[row.n]);
    }
}
