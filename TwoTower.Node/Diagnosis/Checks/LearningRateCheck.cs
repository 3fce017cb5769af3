using System.Globalization;
using TwoTower.Actors.Options;
using TwoTower.Model.Diagnosis;

namespace TwoTower.Node.Diagnosis.Checks;

/// <summary>A rate that is too small or too large, as the loss curve and the steps tell it.</summary>
internal sealed class LearningRateCheck : ICheck
{
    private const int Batches = 8;

    /// <summary>Fall of the last epoch, and its share of all so far, above which training was ended on its way down.</summary>
    private const double StillFalling = 0.03, OnItsWay = 0.2;

    /// <summary>Rise over the lowest loss above which steps overshoot.</summary>
    private const double Rising = 0.02;

    /// <summary>Fall since the initial values under which training has hardly begun, in the loss of the same batches.</summary>
    private const double Unmoved = 0.01;

    /// <inheritdoc />
    public string Name => "learning rate";

    /// <inheritdoc />
    public string Question =>
        "Is the learning rate too small for the loss to come down in these epochs, or so large that it rises or swings?";

    /// <inheritdoc />
    public Finding? Look(DiagnosisSubject subject)
    {
        var options = subject.SettingsOrSay().Training;
        var history = subject.HistoryOrSay();
        if (LossTrend.Of(history.LossByEpoch) is not { } trend)
        {
            throw new NotLookedException("a loss curve of fewer than three epochs has no end to look at");
        }

        if (trend.Rise > Rising || trend.Reversals >= 2)
        {
            return Found(options, history, trend, true, 0.2, trend.Rise > Rising
                ? FormattableString.Invariant(
                    $"The learning rate {options.Optimizer.LearningRate:0.######} is too large: the loss has risen ")
                    + FormattableString.Invariant($"by {trend.Rise:0.0%} from its lowest.")
                : FormattableString.Invariant(
                    $"The learning rate {options.Optimizer.LearningRate:0.######} is too large: the loss swings, {trend.Reversals} turns ")
                    + FormattableString.Invariant($"in {trend.Epochs} epochs."));
        }

        if (trend.LastFall > StillFalling && trend.ShareOfFall > OnItsWay && BestIsLast(history, options.Metric))
        {
            return Found(options, history, trend, false, 3,
                FormattableString.Invariant(
                $"The learning rate {options.Optimizer.LearningRate:0.######} is too small for {trend.Epochs} epochs: the loss was still ")
                + FormattableString.Invariant($"falling by {trend.LastFall:0.0%} in the last one."));
        }

        return trend.IsStill ? Stuck(subject, options, history, trend) : null;
    }

    /// <summary>A loss that never got going.</summary>
    private Finding? Stuck(DiagnosisSubject subject, TrainingOptions options, TrainingHistory history, LossTrend trend)
    {
        var replayed = new SubjectReplay(subject);
        using var replay = replayed.With(options.Optimizer);
        var first = replay.Read(replay.Initial(), 0, Batches);
        var end = replay.Read(replayed.End, 0, Batches, replayed.End.Step - 1);
        var fall = (first.Loss - end.Loss) / Math.Max(1e-12, first.Loss);
        return fall >= Unmoved
            ? null
            : Found(options, history, trend, false, 10,
                FormattableString.Invariant(
                $"The learning rate {options.Optimizer.LearningRate:0.######} is too small: in {trend.Epochs} epochs the loss has fallen ")
                + FormattableString.Invariant($"by {fall:0.0%} since the initial values."),
                new Evidence("loss of the same batches at the end", end.Loss,
                    FormattableString.Invariant($"{first.Loss:0.0000} with the initial values")),
                new Evidence("share of its length that a row moves in a step", end.RelativeStep, null),
                new Evidence("effective rate, step over gradient", end.EffectiveRate, null));
    }

    private Finding Found(TrainingOptions options, TrainingHistory history, LossTrend trend, bool isLarge, double factor, string headline,
        params Evidence[] more) => new(
            Name, headline,
            [
                new Evidence("fall of the loss in the last epoch", trend.LastFall, "a share of itself"),
                new Evidence("the last loss over the lowest", trend.Rise, "a share of itself; 0 when the last is the lowest"),
                .. more,
            ],
            new Advice(
                isLarge ? "Lower it, or let a schedule (optimizer.schedule=cosine) bring it down." : "Raise it, or train for more epochs.",
                [("optimizer.learningRate", (options.Optimizer.LearningRate * factor).ToString("0.#########",
                    CultureInfo.InvariantCulture))]))
        {
            Severity = Severity.Harmful,
            Plots = [LossPlateauCheck.Plot(history.LossByEpoch)],
        };

    /// <summary>Whether the ranking still got better at the end: a loss that falls while it gets worse has been learned by heart, and a
    /// larger rate only does that sooner.</summary>
    private static bool BestIsLast(TrainingHistory history, string metric)
    {
        var values = history.Evaluations.Where(point => point.Metrics.ContainsKey(metric)).Select(point => point.Metrics[metric]).ToArray();
        return values.Length == 0 || values[^1] >= values.Max();
    }
}
