namespace TwoTower.Model.Options;

/// <summary>What a user's vector begins with.</summary>
public enum UserInput
{
    /// <summary>A row of the user table, learned for that user alone.</summary>
    Id,

    /// <summary>The items that the user liked before; a user needs no row, so one who was not in train is served like any other.</summary>
    History,

    /// <summary>Both, added.</summary>
    HistoryAndId,
}

/// <summary>How a user's history becomes a vector: <c>Σ w_j · e(item_j)</c> over the last positives before the example, with weights that
/// sum to 1 (the mean of item vectors in Covington, Adams and Sargin 2016, "Deep neural networks for YouTube
/// recommendations", section 3.2).</summary>
public sealed record HistoryOptions
{
    /// <summary>Most positives in a history: the last ones.</summary>
    public int Length { get; init; } = 50;

    /// <summary>Whether an item has a vector of its own for being in a history, instead of the one by which it is scored.</summary>
    public bool SeparateTable { get; init; }

    /// <summary>A positive's weight halves with every so many positives that came after it; 0 weighs all alike.</summary>
    public double HalfLife { get; init; }

    /// <summary>A positive's weight halves with every so many days before the history's newest; 0 weighs all alike.</summary>
    public double HalfLifeDays { get; init; }

    /// <summary>How much more an item counts that is like the history's mean: its weight is multiplied by e to the power of this times the
    /// product of both; 0 leaves the weights as they are.</summary>
    public double Attention { get; init; }

    /// <summary>Seconds without a positive after which a user's next one begins another session. An example's
    /// history ends before its session.</summary>
    public double SessionGap { get; init; } = 6 * 3600;
}
