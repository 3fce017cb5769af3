using System.Globalization;
using TwoTower.Model.Diagnosis;

namespace TwoTower.Node.Diagnosis.Checks;

/// <summary>Held-out positives that no trained item stands for.</summary>
internal sealed class ReachCheck : ICheck
{
    /// <summary>Share of cold positives from which on it is worth a word.</summary>
    private const double WorthAWord = 0.1;

    /// <inheritdoc />
    public string Name => "unreachable positives";

    /// <inheritdoc />
    public string Question => "Are the items of the held-out positives in the catalogue, with enough train positives to have been learned?";

    /// <inheritdoc />
    public Finding? Look(DiagnosisSubject subject)
    {
        subject.UsersOrSay();
        var reach = PositiveReach.Of(subject.Tasks.Validation, subject.Train().ItemCounts);
        if (reach.ColdShare < WorthAWord)
        {
            return null;
        }

        return new Finding(
            Name,
            FormattableString.Invariant(
                $"{reach.ColdShare:0%} of the held-out positives are of items that training has hardly seen: no ranking by ids can find ")
                + FormattableString.Invariant($"them but by chance."),
            [
                new Evidence("outside the catalogue", reach.Outside,
                    string.Create(CultureInfo.InvariantCulture, $"of {reach.Positives:#,0} held-out positives")),
                new Evidence("items without a train positive", reach.Untrained, null),
                new Evidence(string.Create(CultureInfo.InvariantCulture, $"items with fewer than {reach.Least} train positives"),
                    reach.Rare, null),
                new Evidence("recall that is out of reach", reach.ColdShare, "as a share of all held-out positives"),
            ],
            Advice.Only("Give items features (model.itemFeatures), so that a new one begins where its likes are; train again more often; "
                + "and count recall over reachable items beside the whole."))
        {
            Severity = reach.ColdShare > 0.3 ? Severity.Harmful : Severity.Weak,
            WhyNoCost = "no change of settings alone mends it",
        };
    }
}
