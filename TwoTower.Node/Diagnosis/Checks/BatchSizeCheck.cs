using System.Globalization;
using TwoTower.Actors.Options;
using TwoTower.Model.Diagnosis;
using TwoTower.Model.Options;

namespace TwoTower.Node.Diagnosis.Checks;

/// <summary>Batches with too few items for in-batch negatives, or with the same ones again and again.</summary>
internal sealed class BatchSizeCheck : ICheck
{
    /// <summary>Distinct items of a batch from which on it is no longer small, whatever the catalogue.</summary>
    private const double Enough = 64;

    /// <summary>Share of a small catalogue that is enough.</summary>
    private const double EnoughShare = 0.1;

    /// <summary>Share of repeated columns from which on a batch is too large for its catalogue.</summary>
    private const double TooManyRepeats = 0.75;

    /// <inheritdoc />
    public string Name => "batch size against catalogue";

    /// <inheritdoc />
    public string Question => "Has a batch enough different items for in-batch negatives, and not the same ones over and over?";

    /// <inheritdoc />
    public Finding? Look(DiagnosisSubject subject)
    {
        var training = subject.SettingsOrSay().Training;
        if (training.Loss.Kind != LossKind.InBatchSoftmax || training.Loss.MixedNegatives > 0)
        {
            return null;
        }

        var batch = training.BatchPer == BatchScope.Clock ? Math.Max(1, training.BatchSize / training.Workers) : training.BatchSize;
        var coverage = BatchCoverage.Of(subject.Train().ItemCounts, batch);
        var items = subject.Data.Items.Count;
        var small = coverage.Distinct < Math.Min(Enough, EnoughShare * items);
        if (!small && coverage.Repeats < TooManyRepeats)
        {
            return null;
        }

        // Eight times over, or down to where half of the columns are distinct: far enough to see a difference.
        var better = small ? Math.Min(training.BatchSize * 8, Math.Max(training.BatchSize, subject.Data.Train.Count / 4))
            : Math.Max(32, training.BatchSize / 4);
        return new Finding(
            Name,
            small
                ? FormattableString.Invariant(
                    $"A batch of {batch} has {coverage.Distinct:0} different items of a catalogue of {items:#,0}: too few negatives to ")
                    + FormattableString.Invariant($"tell a good item from a bad one.")
                : FormattableString.Invariant(
                    $"A batch of {batch} has only {coverage.Distinct:0} different items: {coverage.Repeats:0%} of its columns repeat ")
                    + FormattableString.Invariant($"another, and steps are few for what they cost."),
            [
                new Evidence("different items of a batch, expected", coverage.Distinct,
                    string.Create(CultureInfo.InvariantCulture, $"of {items:#,0} items, in {batch} examples")),
                new Evidence("share of columns that repeat another", coverage.Repeats, null),
                new Evidence("times that the median item is a negative in an epoch", coverage.MedianPerEpoch,
                    "a batch of all its examples each time"),
            ],
            new Advice(small ? "Take larger batches, or add negatives of the whole catalogue (loss.mixedNegatives)."
                : "Take smaller batches: more steps for the same examples.",
                [("train.batchSize", better.ToString(CultureInfo.InvariantCulture))]));
    }
}
