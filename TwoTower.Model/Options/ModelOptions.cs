
namespace TwoTower.Model.Options;

/// <summary>How side features join the embedding.</summary>
public enum FeatureCombine
{
    /// <summary>They are added to it.</summary>
    Sum,

    /// <summary>They stand beside it, field after field, and the first layer gets them all.</summary>
    Concat,
}

/// <summary>The shape of the model: <c>score(u, i) = norm(user) · norm(item) + bias(item) + prior(item)</c>.</summary>
public sealed record ModelOptions
{
    /// <summary>Columns of both embedding tables.</summary>
    public int Dim { get; init; } = 128;

    /// <summary>Whether vectors are divided by their L2 norm before the dot product.</summary>
    public bool Normalise { get; init; } = true;

    /// <summary>Whether every item has a learned scalar bias (starts at 0).</summary>
    public bool ItemBias { get; init; }

    /// <summary>Standard deviation of the normal initial values.</summary>
    public double InitStd { get; init; } = 0.1;

    /// <summary>How much an item's log popularity counts as a fixed term of its logit (see
    /// <c>ItemPrior</c>): 0 not at all, 1 as it is.</summary>
    public double PriorStrength { get; init; }

    /// <summary>The prior counts the train positives of this window, which ends with the last one, or, for an example, with
    /// the last one before its moment.</summary>
    public RecentSpan PriorWindow { get; init; }

    /// <summary>Smoothing of the prior: pseudo-counts per item of the catalogue, spread as all earlier train positives are.</summary>
    public double PriorSmoothing { get; init; } = 1;

    /// <summary>Moments of train at which the prior is counted anew for the examples after them; 1 gives all
    /// examples that of the end of train.</summary>
    public int PriorSteps { get; init; } = 64;

    /// <summary>Whose positives say how much all-time popularity counts beside the recent one.</summary>
    public PriorFit PriorFit { get; init; }

    /// <summary>What a user's vector begins with, and the layers after it.</summary>
    public TowerSpec UserTower { get; init; } = TowerSpec.None;

    /// <summary>How a history becomes a vector, where <see cref="UserTower"/> reads one.</summary>
    public HistoryOptions History { get; init; } = new();

    /// <summary>The layers between an item's embedding and vector.</summary>
    public TowerSpec ItemTower { get; init; } = TowerSpec.None;

    /// <summary>How side features, when the data has any, join the embedding.</summary>
    public FeatureCombine FeatureCombine { get; init; }

    /// <summary>Floats in a row of the user table.</summary>
    public int UserWidth => Dim;

    /// <summary>Floats in a row of the item table: the vector and, when there is one, the bias last.</summary>
    public int ItemWidth => Dim + (ItemBias ? 1 : 0);
}
