using TwoTower.Model.Options;
using TwoTower.Model.Sampling;

namespace TwoTower.Model.Losses;

/// <summary>log q of a softmax's columns: the logarithm of the probability that any one column is the item (of its expected count, but for
/// a constant that the softmax does not see).</summary>
/// <remarks>
/// In-batch: q = p, the item's share of the train positives (Yi et al. 2019, section 3), counted or estimated. With M uniform items mixed
/// into a batch of B: q = (B p + M/n)/(B + M) for n items (Yang et al. 2020, "Mixed negative sampling for learning two-tower neural
/// networks in recommendations", section 3.3). Sampled: the probability that negatives are drawn by. Full: nothing is sampled, log q = 0.
/// </remarks>
internal sealed class ColumnFrequencies
{
    private readonly int _mixed;
    private readonly TrainingSet _set;
    private readonly float[] _logQ;
    private readonly bool _streams;

    public ColumnFrequencies(LossOptions loss, TrainingSet set)
    {
        _set = set;
        _streams = loss.QEstimate == FrequencyEstimate.Streaming;
        _mixed = loss.Kind == LossKind.InBatchSoftmax ? loss.MixedNegatives : 0;
        _logQ = loss.Kind switch
        {
            LossKind.FullSoftmax => new float[set.Items],
            // what cannot be drawn is no column but its own examples'
            LossKind.SampledSoftmax => Array.ConvertAll(SharedNegatives.Probabilities(set, loss), q => q > 0 ? (float)Math.Log(q) : 0f),
            _ => ItemFrequencies.LogQ(set),
        };
    }

    /// <summary>log q of a column.</summary>
    /// <param name="row">The item's row of the item table.</param>
    /// <param name="streamed">Its estimated share, where shares are.</param>
    /// <param name="examples">Examples whose positives are columns: those of the batch, and of batches in memory.</param>
    public float LogQ(int row, double streamed, int examples)
    {
        if (_mixed == 0 && !_streams)
        {
            return _logQ[row];
        }

        var share = _streams ? streamed : (double)_set.ItemCounts[row] / _set.Log.Count;
        return (float)Math.Log(((examples * share) + ((double)_mixed / _set.Items)) / (examples + _mixed));
    }
}
