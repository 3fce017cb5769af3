namespace TwoTower.Model.Data;

/// <summary>What one user did with one item, as a program has it that reads no file.</summary>
/// <param name="User">Who.</param>
/// <param name="Item">With what.</param>
/// <param name="Time">When; null where no rating has a time.</param>
/// <param name="Value">How much it was liked, compared with <see cref="DataOptions.PositiveThreshold"/>; null for a positive, where no
/// rating has a value.</param>
public readonly record struct Rating(string User, string Item, DateTimeOffset? Time = null, float? Value = null);
