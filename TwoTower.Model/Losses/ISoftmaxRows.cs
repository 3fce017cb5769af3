using TwoTower.Model.Sampling;

namespace TwoTower.Model.Losses;

/// <summary>What the rows of a batch add up to, in the order of its users.</summary>
internal struct SoftmaxSums
{
    /// <summary>Σ weight × loss.</summary>
    public double Loss;

    /// <summary>(example, negative) pairs left out.</summary>
    public long MaskedPairs;
}

/// <summary>Loss and gradient of one user's row of the batch's logits.</summary>
internal interface ISoftmaxRows
{
    /// <summary>Turns a row of products û·v̂ into the gradient with respect to them.</summary>
    /// <param name="plan">The batch.</param>
    /// <param name="user">Position in <see cref="BatchPlan.QueryUsers"/>.</param>
    /// <param name="examples">The user's examples.</param>
    /// <param name="row">[ItemCount], overwritten.</param>
    /// <param name="sums">Added to.</param>
    void Differentiate(BatchPlan plan, int user, ReadOnlySpan<int> examples, Span<float> row, ref SoftmaxSums sums);
}
