using System.Globalization;
using TwoTower.Model.Diagnosis;

namespace TwoTower.Node.Diagnosis.Checks;

/// <summary>Items that were popular in train and are no longer, with a training that weighs all times alike.</summary>
public sealed class DriftCheck : ICheck
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
        if (drift.AllToValidation - drift.RecentToValidation < WorthAWord || training is { Loss.RecencyHalfLifeDays: > 0 })
        {
            return null;
        }

        var days = Math.Max(1, Math.Round(drift.RecentDays)).ToString("0", CultureInfo.InvariantCulture);
        return new Finding(
            Name,
            FormattableString.Invariant($"What is popular changes with time: the latest tenth of train ({drift.RecentDays:0.#} days) is nearer to validation than all of train, and training weighs all alike."),
            [
                new Evidence("divergence of all of train from validation, bits", drift.AllToValidation, "0 for the same items, 1 for no common one"),
                new Evidence("divergence of the latest tenth, a sample of the same size", drift.RecentToValidation, null),
            ],
            new Advice("Weigh examples by how recent they are.", [("loss.recencyHalfLifeDays", days)]))
        {
            Severity = Severity.Harmful,
            WhyNoCost = training is null ? "there is no training to repeat" : null,
        };
    }
}
