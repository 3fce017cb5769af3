namespace TwoTower.Model.Diagnosis;

/// <summary>What in-batch negatives are like, in expectation: the items of a batch are drawn from train, so an item
/// comes by as often as it is popular.</summary>
/// <param name="Batch">Examples of a batch.</param>
/// <param name="Distinct">Expected distinct items of a batch: Σ 1 − (1 − pᵢ)^B, where pᵢ is the
/// item's share of the train positives.</param>
/// <param name="MedianPerEpoch">How many batches of an epoch the median item of the catalogue is a column of, in expectation.</param>
internal sealed record BatchCoverage(int Batch, double Distinct, double MedianPerEpoch)
{
    /// <summary>Measures.</summary>
    /// <param name="trainCounts">Train positives of every item.</param>
    /// <param name="batch">Examples of a batch.</param>
    public static BatchCoverage Of(IReadOnlyCollection<int> trainCounts, int batch)
    {
        double total = trainCounts.Sum();
        var present = trainCounts.Select(count => 1 - Math.Pow(1 - (count / total), batch)).Order().ToArray();
        return new BatchCoverage(batch, present.Sum(), present.Length == 0 ? 0 : present[present.Length / 2] * Math.Ceiling(total / batch));
    }

    /// <summary>Share of a batch's columns that repeat another.</summary>
    public double Repeats => Batch == 0 ? 0 : 1 - (Distinct / Batch);
}
