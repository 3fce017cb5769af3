using TwoTower.Model.Diagnosis;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;
using TwoTower.Model.Options;
using TwoTower.Node.Display;

namespace TwoTower.Node.Diagnosis.Checks;

/// <summary>Items that were popular in train and are no longer, with a training that weighs all times alike.</summary>
internal sealed class DriftCheck : ICheck
{
    /// <summary>Bits by which the latest part of train has to be nearer to validation than all of it.</summary>
    private const double WorthAWord = 0.02;

    /// <inheritdoc />
    public string Name => "drift of popularity";

    /// <inheritdoc />
    public string Question => "Is what is popular at validation time what was popular in train, or does training know that times change?";

    /// <inheritdoc />
    public Finding? Look(DiagnosisSubject subject)
    {
        var drift = ItemDrift.Of(subject.Data) ?? throw new NotLookedException("train or validation is too small to compare their times");
        var training = subject.Settings?.Values.Training;
        var gain = RecentMinusPopularity(subject);
        if ((drift.AllToValidation - drift.RecentToValidation < WorthAWord && gain is not { Low: > 0 })
            || training is { Loss.RecencyHalfLife.Unit: not SpanUnit.All }
            or { Model: { PriorStrength: > 0, PriorWindow.Unit: not SpanUnit.All } })
        {
            return null;
        }

        return new Finding(
            Name,
            $"What is popular changes with time, and {(training is null ? "a model has to know it" : "training weighs all times alike")}.",
            [
                new Evidence("divergence of all of train from validation, bits", drift.AllToValidation,
                    "0 for the same items, 1 for no common one"),
                new Evidence("divergence of the latest tenth of train, a sample of the same size", drift.RecentToValidation,
                    FormattableString.Invariant($"it spans {drift.RecentDays:0.#} days")),
                .. gain is { } measured
                    ? new[] { new Evidence($"recent popularity minus popularity in masked {subject.CostMetric}", measured.Value,
                    DifferenceText.Range(measured)) } : [],
            ],
            new Advice("Weigh examples by how recent they are, or begin scores with recent popularity (model.priorStrength=1, "
                + "model.priorWindow=8%).", [("loss.recencyHalfLife", "33%")]))
        {
            Severity = Severity.Harmful,
            WhyNoCost = training is null ? "there is no training to repeat" : null,
        };
    }

    /// <summary>What counting the latest train positives alone gains over counting all of them, on the same users;
    /// null where nobody is evaluated.</summary>
    private static Interval? RecentMinusPopularity(DiagnosisSubject subject)
    {
        var recent = subject.Baselines.All.FirstOrDefault(baseline => baseline.Fitted.Kind == BaselineKind.RecentPopularity)?.Result;
        return recent is null || subject.Tasks.Validation.Users.Length == 0
            ? null : PairedDifference.Of(recent.Masked, subject.Baselines.Popularity.Masked, subject.CostMetric).Difference;
    }
}
