using TwoTower.Model.Sampling;

namespace TwoTower.Model.Losses;

/// <summary>log q of a softmax's columns: the logarithm of the probability that any one column is the item (of its expected count, but for a constant that the softmax does not see).</summary>
/// <remarks>
/// In-batch: q = p, the item's share of the train positives (Yi et al. 2019, section 3). With M uniform items mixed into a batch of B: q = (B p + M/n)/(B + M) for n items
/// (Yang et al. 2020, "Mixed negative sampling for learning two-tower neural networks in recommendations", section 3.3). Sampled: the probability that negatives are drawn by. Full: nothing
/// is sampled, log q = 0.
/// </remarks>
internal sealed class ColumnFrequencies
{
    private readonly int _mixed;
    private readonly TrainingSet _set;
    private readonly float[] _logQ;
    private int _examples;

    public ColumnFrequencies(LossOptions loss, TrainingSet set)
    {
        _set = set;
        _mixed = loss.Kind == LossKind.InBatchSoftmax ? loss.MixedNegatives : 0;
        _logQ = loss.Kind switch
        {
            LossKind.FullSoftmax => new float[set.Items],
            LossKind.SampledSoftmax => Array.ConvertAll(SharedNegatives.Probabilities(set, loss), q => q > 0 ? (float)Math.Log(q) : 0f), // what cannot be drawn is no column but its own examples'
            _ => ItemFrequencies.LogQ(set),
        };
    }

    /// <summary>For a batch of so many examples.</summary>
    public void StartBatch(int examples) => _examples = examples;

    /// <summary>log q of an item's row.</summary>
    public float LogQ(int row)
    {
        if (_mixed == 0)
        {
            return _logQ[row];
        }

        var examples = _examples * (double)_set.ItemCounts[row] / _set.Log.Count;
        return (float)Math.Log((examples + ((double)_mixed / _set.Items)) / (_examples + _mixed));
    }
}
