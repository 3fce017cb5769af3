using System.Globalization;
using TwoTower.Model.Evaluation;
using TwoTower.Node.Display;
using TwoTower.Node.Plots;

namespace TwoTower.Node.Diagnosis.Checks;

/// <summary>A number of epochs that was chosen on the very validation whose figure is reported: what the choice adds to the figure, against
/// the same choice made inside train.</summary>
internal sealed class ValidationChoiceCheck : ICheck
{
    /// <summary>A difference that may be chance is worth a note from this share of the figure on.</summary>
    private const double WorthANote = 0.02;

    /// <inheritdoc />
    public string Name => "choice made on validation";

    /// <inheritdoc />
    public string Question => "Would an inner split of train choose a number of epochs that reports the same figure?";

    /// <inheritdoc />
    public Finding? Look(DiagnosisSubject subject)
    {
        _ = subject.ModelOrSay();
        if (subject.UsersOrSay().Length < 2)
        {
            throw new NotLookedException("one user alone has no interval: a difference would prove nothing");
        }

        if (!EpochChoice.IsDue(subject))
        {
            return null; // one evaluation leaves nothing to choose
        }

        var choice = subject.EpochChoice
            ?? throw new NotLookedException(subject.WhyNoEpochChoice ?? "the choice of the epoch was not tried inside train");
        if (choice.Chosen is not { } chosen || choice.AtInner is not { } inner)
        {
            return null;
        }

        var metric = subject.SettingsOrSay().Training.Metric;
        var difference = PairedDifference.Of(chosen.Masked, inner.Masked, metric).Difference;
        var isSure = difference.Low > 0;
        if (!isSure && difference.Value < WorthANote * chosen.Masked.Mean(metric))
        {
            return null;
        }

        var recorded = EpochChoice.Recorded(subject);
        return new Finding(
            Name,
            string.Create(CultureInfo.InvariantCulture,
                $"The number of epochs was chosen on the validation that is reported, which adds {difference.Value:0.0000} {DifferenceText.Range(difference)} of {metric}{(isSure ? string.Empty : ", which may be chance")}: an inner split of train chooses epoch {inner.Epoch:0.##} and not {chosen.Epoch:0.##}."),
            [
                new Evidence($"{metric} as reported", recorded.Max(evaluation => evaluation.Value),
                    string.Create(CultureInfo.InvariantCulture, $"at epoch {choice.Epoch:0.##}")),
                new Evidence("of the same training, at the epoch that an inner split chooses",
                    recorded.MinBy(evaluation => Math.Abs(evaluation.Epoch - choice.InnerEpoch)).Value,
                    string.Create(CultureInfo.InvariantCulture, $"at epoch {choice.InnerEpoch:0.##}")),
                new Evidence("trained once more, at the epoch that validation chooses", chosen.Masked.Mean(metric),
                    string.Create(CultureInfo.InvariantCulture, $"at epoch {chosen.Epoch:0.##}")),
                new Evidence("trained once more, at the epoch that an inner split chooses", inner.Masked.Mean(metric),
                    "the same users in pairs"),
            ],
            Advice.Only(string.Create(CultureInfo.InvariantCulture,
                $"Report what was not chosen on: fix the epochs by an inner split (here {choice.InnerEpoch:0.##}), with one evaluation at the end, or judge on windows that nothing was chosen on (train --windows).")))
        {
            WhyNoCost = "the report is too good by this, and the model no worse",
            Severity = isSure ? Severity.Weak : Severity.Note,
            Plots = [Plot(metric, choice)],
        };
    }

    private static Chart Plot(string metric, EpochChoice choice) => new("epochs", $"Masked {metric} by epochs", "epochs", metric,
        [
            new ChartSeries("validation", [.. choice.Again.Select(report => new ChartPoint(report.Epoch, report.Masked.Mean(metric)))]),
            new ChartSeries("inner split of train",
                [.. choice.Inner.Select(report => new ChartPoint(report.Epoch, report.Masked.Mean(metric)))]),
        ])
    {
        Caption = "Both lines are of one training, once on all of train and once on its earlier part. Where they are highest is what each "
            + "would have chosen.",
    };
}
