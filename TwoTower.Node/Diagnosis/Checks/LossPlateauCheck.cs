using TwoTower.Model.Diagnosis;
using TwoTower.Model.Optimizers;
using TwoTower.Node.Plots;

namespace TwoTower.Node.Diagnosis.Checks;

/// <summary>A loss that stands still under an Adagrad whose steps have shrunk, with the gradient still there.</summary>
/// <remarks>Adagrad divides by the root of the sum of all squared gradients (Duchi et al. 2011), so with a gradient that does not vanish
/// its rate falls like one over the root of a row's steps, whether there is more to gain or not. That it has fallen does not prove that it
/// is why the loss stands: one more epoch from the same parameters, as it is and with Adam, tells the two apart.</remarks>
internal sealed class LossPlateauCheck : ICheck
{
    private const int Batches = 8;
    private const double StillThere = 0.3, Shrunk = 2;

    /// <inheritdoc />
    public string Name => "loss plateau";

    /// <inheritdoc />
    public string Question => "Does the loss stand still because the optimizer's steps have shrunk, with the gradient still there?";

    /// <inheritdoc />
    public Finding? Look(DiagnosisSubject subject)
    {
        var optimizer = subject.SettingsOrSay().Training.Optimizer;
        var history = subject.HistoryOrSay();
        if (optimizer.Kind is not (OptimizerKind.Adagrad or OptimizerKind.RowwiseAdagrad))
        {
            return null; // no other rule's steps shrink by themselves
        }

        if (LossTrend.Of(history.LossByEpoch) is not { } trend)
        {
            throw new NotLookedException("a loss curve of fewer than three epochs has no end to look at");
        }

        if (!trend.IsStill)
        {
            return null;
        }

        var replayed = new SubjectReplay(subject);
        using var replay = replayed.With(optimizer);
        var start = replay.Initial();
        var first = replay.Read(start, 0, Batches);
        var (afterOne, _) = replay.Epoch(start, 0);
        var one = replay.Read(afterOne, 0, Batches);
        var end = replay.Read(replayed.End, 0, Batches, replayed.End.Step - 1);
        var shrunk = one.RelativeStep / Math.Max(1e-12, end.RelativeStep);
        if (end.GradientNorm < StillThere * one.GradientNorm || shrunk < Shrunk)
        {
            return null;
        }

        var asItIs = replay.Epoch(replayed.CopyOfEnd(), replayed.Epochs).Loss;
        using var fresh = replayed.With(new OptimizerOptions { Kind = OptimizerKind.Adam, LearningRate = 1e-3 });
        var withAdam = fresh.Epoch(fresh.Forgetting(replayed.End), replayed.Epochs).Loss;
        var held = (asItIs - withAdam) / asItIs > LossTrend.Still;
        return new Finding(
            Name,
            FormattableString.Invariant(
                $"Plateau with Adagrad's shrinking steps: the loss stands still ")
                + FormattableString.Invariant(
                $"at {history.LossByEpoch[^1]:0.0000} with {end.GradientNorm / one.GradientNorm:0%} of the gradient of epoch 1's end, ")
                + FormattableString.Invariant($"while a step turns a vector {shrunk:0.0} times less than then."),
            [
                new Evidence("fall of the loss in the last epoch", trend.LastFall,
                    FormattableString.Invariant($"a share of itself; under {LossTrend.Still:0.00} it stands still")),
                new Evidence("gradient of a touched row, as a share of that after epoch 1", end.GradientNorm / one.GradientNorm,
                    FormattableString.Invariant($"{end.GradientNorm / first.GradientNorm:0.00} of that at the start")),
                new Evidence("effective rate (step over gradient), as a share of that after epoch 1", end.EffectiveRate / one.EffectiveRate,
                    FormattableString.Invariant($"{end.EffectiveRate / first.EffectiveRate:0.00} of that at the start")),
                new Evidence("share of its length that a row moves in a step", end.RelativeStep,
                    FormattableString.Invariant($"{one.RelativeStep:0.0000} after epoch 1, {first.RelativeStep:0.0000} at the start")),
                new Evidence("loss of one more epoch as it is", asItIs,
                    FormattableString.Invariant($"{withAdam:0.0000} with Adam at 0.001 from the same parameters")),
            ],
            new Advice(
                held
                    ? "The steps hold it back: take Adam or RMSProp, or a larger rate with a schedule."
                    : "Mend what bounds the loss first (temperature, negatives): Adam from the same parameters gets it no further in an "
                        + "epoch, so here the steps are not what holds it. Where there is more to gain, Adam or RMSProp with a schedule "
                        + "have steps that shrink only when they are told to.",
                [("optimizer.kind", "adam"), ("optimizer.learningRate", "0.005"), ("optimizer.schedule", "cosine")]))
        {
            Severity = held ? Severity.Harmful : Severity.Weak,
            Plots = [Plot(history.LossByEpoch)],
        };
    }

    /// <summary>The loss curve.</summary>
    internal static Chart Plot(IReadOnlyList<double> lossByEpoch) =>
        new("loss", "Loss by epoch", "epoch", "mean loss",
            [new ChartSeries("train loss", [.. lossByEpoch.Select((loss, n) => new ChartPoint(n + 1, loss))])])
        {
            Caption = "The mean over the epoch's examples, with the parameters that each batch was computed with.",
        };
}
