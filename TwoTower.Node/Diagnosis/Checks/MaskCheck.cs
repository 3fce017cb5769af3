using TwoTower.Model.Diagnosis;
using TwoTower.Model.Evaluation;

namespace TwoTower.Node.Diagnosis.Checks;

/// <summary>An evaluation that leaves the items in the ranking that a user has already.</summary>
internal sealed class MaskCheck : ICheck
{
    /// <inheritdoc />
    public string Name => "evaluation mask";

    /// <inheritdoc />
    public string Question => "Are items left out of the ranking that the user has in train?";

    /// <inheritdoc />
    public Finding? Look(DiagnosisSubject subject)
    {
        if (subject.SettingsOrSay().Training.Protocol == RankingProtocol.Masked)
        {
            return null;
        }

        subject.UsersOrSay();
        var model = subject.ModelOrSay();
        var (metric, k) = (subject.CostMetric, subject.CostCutoff);
        var lists = subject.Lists(new DotProductScorer(subject.EmbeddingsOrSay()), RankingProtocol.Raw, k);
        var seen = RecommendedItems.SeenShare(lists, subject.Tasks.Validation);
        var popularity = subject.Baselines.Popularity;
        return new Finding(
            Name,
            FormattableString.Invariant(
                $"The evaluation is not masked: {seen:0%} of the top {k} are items that the user has already, which can never count as hits."),
            [
                new Evidence($"raw {metric}, the figure that decides here", model.Raw.Mean(metric),
                    FormattableString.Invariant($"popularity raw {popularity.Raw.Mean(metric):0.0000}")),
                new Evidence($"masked {metric} of the same model", model.Masked.Mean(metric),
                    FormattableString.Invariant($"popularity masked {popularity.Masked.Mean(metric):0.0000}")),
                new Evidence($"share of the raw top {k} that is seen", seen, "0 when masked"),
            ],
            new Advice("Leave seen items out of the ranking, for the model and for every baseline, and compare no masked figure with a raw one.", [("evaluate.protocol", "masked")]))
        {
            RecallCost = new Cost(metric, Bootstrap.Difference(model.Masked.PerUser(metric), model.Raw.PerUser(metric)),
                "masked minus raw, the same model"),
            Severity = Severity.Invalid,
        };
    }
}
