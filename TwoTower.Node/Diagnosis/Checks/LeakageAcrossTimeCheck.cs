using TwoTower.Model.Data;
using TwoTower.Model.Diagnosis;
using TwoTower.Model.Evaluation;

namespace TwoTower.Node.Diagnosis.Checks;

/// <summary>A train part that knows the future, or the answers.</summary>
internal sealed class LeakageAcrossTimeCheck : ICheck
{
    /// <inheritdoc />
    public string Name => "leakage across time";

    /// <inheritdoc />
    public string Question => "Does train end before validation begins, and do the two have no pair of user and item in common?";

    /// <inheritdoc />
    public Finding? Look(DiagnosisSubject subject)
    {
        var leakage = TimeLeakage.Of(subject.Data) ?? throw new NotLookedException("train or validation is empty");
        if (!leakage.Leaks)
        {
            return null;
        }

        var split = subject.Data.Split;
        var headlines = new List<string>();
        if (leakage.TrainAfterValidationStart > 0)
        {
            headlines.Add(
                FormattableString.Invariant(
                $"{leakage.TrainAfterValidationStart:0%} of train is later than the first validation positive ")
                + FormattableString.Invariant(
                $"({ProtocolCard.Time(subject.Data.Validation.Timestamps.Min())}): the model is trained on a future that it could not ")
                + FormattableString.Invariant($"know in use"));
        }

        if (leakage.PairsInBoth > 0)
        {
            headlines.Add(FormattableString.Invariant($"{leakage.PairsInBoth:#,0} validation positives stand in train too"));
        }

        return new Finding(
            Name,
            string.Join("; ", headlines) + ".",
            [
                new Evidence("share of train after the first validation positive", leakage.TrainAfterValidationStart,
                    "0 where train ends first"),
                new Evidence("share of train that is later than what is predicted, on average", leakage.LaterThanPredicted,
                    $"split {split.Kind.InWords()}"),
                new Evidence("pairs in both train and validation", leakage.PairsInBoth, "0"),
            ],
            split.Kind == SplitKind.LeaveLastOut
                ? new Advice("Split all interactions at one time; recall will be lower, and true.", [("data.split", "global-time")])
                : Advice.Only(
                    "Make the parts anew: everything before one moment is train, what follows is validation, and no pair stands in both."))
        {
            Severity = Severity.Invalid,
            WhyNoCost = "another split has other users and answers, so the two recalls cannot be compared",
        };
    }
}
