namespace TwoTower.Model.Data;

/// <summary>Positive interactions as parallel columns of dense indices, in time order (ties by user, then item).</summary>
/// <param name="Users">User index of each interaction, in [0, users).</param>
/// <param name="Items">Item index of each interaction, in [0, items).</param>
/// <param name="Timestamps">Unix time of each interaction in seconds.</param>
public sealed record InteractionLog(int[] Users, int[] Items, long[] Timestamps)
{
    /// <summary>An empty log.</summary>
    public static InteractionLog Empty { get; } = new([], [], []);

    /// <summary>Number of interactions.</summary>
    public int Count => Users.Length;
}
