namespace TwoTower.Actors.Protocol;

/// <summary>What the protocols of one run show of themselves, and what is planted in them. A run that nobody looks into has
/// <see cref="None"/>, which does nothing.</summary>
/// <remarks>One per run, carried in the blueprints of its actors: worlds that run side by side in one
/// process must not see each other.</remarks>
internal class ProtocolProbe
{
    /// <summary>Sees nothing and plants nothing.</summary>
    public static ProtocolProbe None { get; } = new();

    /// <summary>A fault that specs plant in the protocols to see that it is found. No setting and no command reaches it.</summary>
    internal PlantedFault Planted { get; init; }

    /// <summary>The protocols have come to a state that a campaign wants to have seen.</summary>
    public virtual void Reached(ProtocolState state)
    {
    }

    /// <summary>The protocols have come to a state, if they have.</summary>
    internal void ReachedIf(bool reached, ProtocolState state)
    {
        if (reached)
        {
            Reached(state);
        }
    }

    /// <summary>Whether a fault is planted.</summary>
    internal bool Plants(PlantedFault fault) => Planted == fault;
}
