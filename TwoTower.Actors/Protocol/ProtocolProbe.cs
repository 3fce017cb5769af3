namespace TwoTower.Actors.Protocol;

/// <summary>What the protocols of one run show of themselves, and what is planted in them. A run that nobody looks into has <see cref="None"/>, which does nothing.</summary>
/// <remarks>One per run, carried in the blueprints of its actors: worlds that run side by side in one process must not see each other.</remarks>
public class ProtocolProbe
{
    /// <summary>Sees nothing and plants nothing.</summary>
    public static ProtocolProbe None { get; } = new();

    /// <summary>A fault that specs plant in the protocols to see that it is found. No setting and no command reaches it.</summary>
    internal PlantedFault Planted { get; init; }

    /// <summary>The protocols have come to a state that a campaign wants to have seen.</summary>
    public virtual void Reached(ProtocolState state)
    {
    }

    /// <summary>Whether a fault is planted.</summary>
    internal bool Plants(PlantedFault fault) => Planted == fault;
}

/// <summary>States that a campaign has to reach at least once: where crashes, losses and rounds meet. Each is named where it happens.</summary>
public enum ProtocolState
{
    /// <summary>A trainer that was started again found itself at a boundary.</summary>
    RecoveredAtBoundary,

    /// <summary>A trainer that was started again found batches complete beyond its last boundary.</summary>
    RecoveredBetweenBoundaries,
}

/// <summary>Faults that specs plant, one at a time: what is left out of the protocols.</summary>
internal enum PlantedFault
{
    /// <summary>None.</summary>
    None,

    /// <summary>Batches of a lost worker go to others before the shards have confirmed its fence.</summary>
    FenceNotAwaited,
}
