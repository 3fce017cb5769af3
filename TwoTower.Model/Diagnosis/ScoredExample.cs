namespace TwoTower.Model.Diagnosis;

/// <summary>An example beside its negatives, as a loss compares them. What the spans show is overwritten by the next example.</summary>
internal readonly ref struct ScoredExample
{
    /// <summary>Row of the user.</summary>
    public int User { get; init; }

    /// <summary>Row of the positive item.</summary>
    public int Item { get; init; }

    /// <summary>The example's weight; their mean is 1.</summary>
    public float Weight { get; init; }

    /// <summary>Score of the positive over the temperature.</summary>
    public float Score { get; init; }

    /// <summary>log q of the positive; 0 for BPR.</summary>
    public float LogQ { get; init; }

    /// <summary>Rows of the negatives' items: distinct ones for a softmax, one per drawn negative for BPR.</summary>
    public ReadOnlySpan<int> NegativeItems { get; init; }

    /// <summary>Their scores over the temperature, without log q.</summary>
    public ReadOnlySpan<float> NegativeScores { get; init; }

    /// <summary>Their log q; 0 for BPR.</summary>
    public ReadOnlySpan<float> NegativeLogQ { get; init; }

    /// <summary>How often each counts; never 0.</summary>
    public ReadOnlySpan<float> NegativeCounts { get; init; }
}

/// <summary>Takes in an example.</summary>
/// <param name="example">The example.</param>
internal delegate void ScoredExampleVisitor(in ScoredExample example);
