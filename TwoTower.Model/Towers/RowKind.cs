namespace TwoTower.Model.Towers;

/// <summary>What a row of a tower's table is (<see cref="TowerLayout.KindOf"/>).</summary>
internal enum RowKind
{
    /// <summary>The vector of a user or an item, perhaps with its bias.</summary>
    Embedding,

    /// <summary>The vector of a value of a side feature.</summary>
    Feature,

    /// <summary>A slice of a linear layer's matrix.</summary>
    Weight,

    /// <summary>A slice of a bias, or of batch norm's scale or shift.</summary>
    Offset,

    /// <summary>The logarithm of 1 over a temperature that is learned.</summary>
    Temperature,

    /// <summary>A slice of what is measured and not learned: batch norm's running mean and variance.</summary>
    Statistic,
}
