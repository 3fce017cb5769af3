using TwoTower.Model.Diagnosis;
using TwoTower.Model.Options;

namespace TwoTower.Node.Diagnosis.Checks;

/// <summary>Negatives that teach little about the top of a ranking: too few of them, and not the hard ones.</summary>
internal sealed class WeakNegativesCheck : ICheck
{
    /// <summary>With so many distinct negatives an example, hard ones are among them; what a softmax makes of them
    /// is up to temperature and log q.</summary>
    private const double Plenty = 50;

    /// <summary>Negatives that get less than this times what chance would give the hardest items are as good as random.</summary>
    private const double LeastLift = 3;

    /// <inheritdoc />
    public string Name => "weak negatives";

    /// <inheritdoc />
    public string Question => "Do the negatives push on the items that a user's positives compete with, or on any?";

    /// <inheritdoc />
    public Finding? Look(DiagnosisSubject subject)
    {
        var options = subject.SettingsOrSay().Training;
        var loss = subject.LossOrSay();
        if (loss.Kind == LossKind.InBatchSoftmax)
        {
            return null; // how many negatives a batch has is what BatchSizeCheck asks
        }

        var set = subject.Train();
        if (NegativeStrength.Of(subject.EmbeddingsForTrainOrSay(), set, loss, options.BatchSize, options.Seed,
            options.Epochs - 1) is not { } strength)
        {
            throw new NotLookedException("no train example has a negative, or every user has seen every item");
        }

        if (strength.Negatives >= Plenty || strength.HardLift >= LeastLift || strength.Hardest >= set.Items)
        {
            return null;
        }

        var seen = Math.Min(1, (double)set.Log.Count * strength.Negatives * options.Epochs / ((double)set.Users * set.Items));
        return new Finding(
            Name,
            FormattableString.Invariant(
                $"Weak negatives: {strength.Negatives:0.#} per example, {strength.RankedRight:0%} of them ranked below the positive ")
                + FormattableString.Invariant(
                $"already, and only {strength.HardShare:0.0%} of their push goes to the {strength.Hardest} unseen items that would be shown."),
            [
                new Evidence($"share of the push that goes to a user's {strength.Hardest} best unseen items", strength.HardShare,
                    FormattableString.Invariant(
                    $"chance gives {(double)strength.Hardest / set.Items:0.0%}; this is {strength.HardLift:0.0} times as much")),
                new Evidence("share of negatives ranked below the positive already", strength.RankedRight, null),
                new Evidence("mean push of an example on its negatives", strength.Push,
                    "1 where all is wrong, 0 where nothing is left to learn"),
                .. EffectiveOf(loss, strength),
                new Evidence("share of all pairs of user and item that can have been a negative", seen, null),
            ],
            loss.Kind == LossKind.Bpr
                ? new Advice(
                    "Take hard negatives (loss.sampling=dynamic: the highest of a few unseen items), more of them (loss.negatives=10), or "
                    + "a softmax over the batch with log q (loss.kind=softmax, loss.temperature=0.2).", [("loss.sampling", "dynamic")])
                : new Advice("Draw more negatives for a batch.", [("loss.negatives", "1024")]))
        {
            Severity = Severity.Harmful,
        };
    }

    /// <summary>The effective number of negatives, where an example has more than one to share its push.</summary>
    internal static IEnumerable<Evidence> EffectiveOf(LossOptions loss, NegativeStrength strength) =>
        loss is { Kind: LossKind.Bpr, Negatives: 1 }
            ? []
            : [new Evidence("effective number of negatives, e^entropy of their push", strength.Effective,
                FormattableString.Invariant($"{strength.Negatives:0.#} distinct ones"))];
}
