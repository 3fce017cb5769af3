namespace TwoTower.Model.Losses;

/// <summary>Which loss is minimised.</summary>
public enum LossKind
{
    /// <summary>Bayesian personalised ranking (Rendle et al. 2009).</summary>
    Bpr,

    /// <summary>Sampled softmax whose negatives are the other items of the batch (Yi et al. 2019).</summary>
    InBatchSoftmax,
}

/// <summary>How BPR draws negatives.</summary>
public enum NegativeSampling
{
    /// <summary>Every item alike, the user's own positives included: some negatives are false.</summary>
    Uniform,

    /// <summary>Every item alike that the user has no train positive for.</summary>
    Unseen,

    /// <summary>In proportion to train count to the power <see cref="LossOptions.PopularityAlpha"/>, the user's own positives left out.</summary>
    Popularity,
}

/// <summary>Loss and negatives.</summary>
public sealed record LossOptions
{
    /// <summary>Which loss.</summary>
    public LossKind Kind { get; init; } = LossKind.InBatchSoftmax;

    /// <summary>Scores are divided by this before the sigmoid or softmax.</summary>
    public double Temperature { get; init; } = 0.2;

    /// <summary>BPR: negatives per positive; the loss is their mean.</summary>
    public int Negatives { get; init; } = 1;

    /// <summary>BPR: how negatives are drawn.</summary>
    public NegativeSampling Sampling { get; init; } = NegativeSampling.Unseen;

    /// <summary>BPR: exponent of <see cref="NegativeSampling.Popularity"/> (0.75 is word2vec's).</summary>
    public double PopularityAlpha { get; init; } = 0.75;

    /// <summary>Softmax: how much of log q is subtracted from every logit, 0 (no correction) to 1 (full).</summary>
    public double LogQ { get; init; } = 1.0;

    /// <summary>Softmax: whether other occurrences of the example's own item are left out of its negatives.</summary>
    public bool MaskDuplicates { get; init; } = true;

    /// <summary>Softmax: whether the user's other train positives are left out of the negatives.</summary>
    public bool MaskKnownPositives { get; init; } = true;

    /// <summary>Days after which an example's weight has halved, counted back from the last train interaction; 0 weighs all alike.
    /// Weights are scaled to mean 1.</summary>
    public double RecencyHalfLifeDays { get; init; }
}
