using TwoTower.Model.Diagnosis;
using TwoTower.Model.Options;
using TwoTower.Node.Plots;

namespace TwoTower.Node.Diagnosis.Checks;

/// <summary>Negatives that the user has a train positive for.</summary>
/// <remarks>A softmax with log q estimates one over the whole catalogue, in which a user's positives compete: there they are no fault, and
/// masking them is a choice. Without log q, and for pairs, each of them pushes against what the user is known to like. The bound on the
/// strength is a judgement: on MovieLens-1M, one run each, masking them at 0.4 beside a prior changed recall@10 by
/// -0.006 and recall@50 by +0.001.</remarks>
internal sealed class FalseNegativesCheck : ICheck
{
    private const double Tolerated = 0.01, Corrected = 0.3;

    /// <inheritdoc />
    public string Name => "false negatives";

    /// <inheritdoc />
    public string Question => "How many of a user's negatives are items that the user has in train?";

    /// <inheritdoc />
    public Finding? Look(DiagnosisSubject subject)
    {
        var options = subject.SettingsOrSay().Training;
        var loss = subject.LossOrSay();
        if (loss.Kind == LossKind.FullSoftmax || (loss.IsSoftmax && loss.LogQ >= Corrected))
        {
            return null;
        }

        var shares = FalseNegatives.Of(subject.Train(), subject.Data.Validation, loss, options.BatchSize);
        if (shares.Examples == 0)
        {
            throw new NotLookedException("no train example has a negative that the masks leave");
        }

        if (shares.Known <= Tolerated)
        {
            return null;
        }

        var most = shares.ByActivity[^1];
        return new Finding(
            Name,
            FormattableString.Invariant(
                $"False negatives: {shares.Known:0.0%} of the negatives are items that the user has in train, for the most active ")
                + FormattableString.Invariant($"users {most.Known:0.0%}."),
            [
                new Evidence("share of negatives that are train positives of the user", shares.Known, "0 where they are left out"),
                new Evidence($"the same for users with {most.Bucket.From} to {most.Bucket.To} train positives", most.Known, null),
                new Evidence("share of negatives that become validation positives", shares.Later, "no sampler can know these"),
            ],
            loss.Kind == LossKind.Bpr
                ? new Advice("Draw negatives from what the user has not seen.", [("loss.sampling", "unseen")])
                : new Advice(
                    "Leave a user's train positives out of the negatives, or correct for log q, which makes them part of a softmax over "
                    + "the catalogue.", [("loss.maskKnownPositives", "true")]))
        {
            Severity = Severity.Harmful,
            Plots =
            [
                new Chart("false-negatives", "False negatives by activity of the user", "train positives of the user",
                    "share of the negatives",
                    [new ChartSeries("train positives among the negatives",
                        [.. shares.ByActivity.Select((bucket, n) => new ChartPoint(n, bucket.Known))])])
                {
                    Categories = [.. shares.ByActivity.Select(bucket => $"{bucket.Bucket.From}-{bucket.Bucket.To}")],
                    YFrom = 0,
                    Caption = "The more somebody has told us, the more often training contradicts it.",
                },
            ],
        };
    }
}
