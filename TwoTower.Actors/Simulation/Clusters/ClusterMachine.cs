using TwoTower.Actors.Ids;
using TwoTower.Actors.Simulation.Compute;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Time;

namespace TwoTower.Actors.Simulation.Clusters;

/// <summary>A machine of a simulated cluster, and the process on it.</summary>
internal sealed class ClusterMachine(VirtualTime time, IReadOnlyList<IWorldObserver> observers, NodeId id, ComputeModel model)
    : Machine(time, observers, id, model)
{
    /// <summary>The process; null while there is none.</summary>
    public NodeLife? Life { get; set; }

    /// <summary>How many lives the node has had.</summary>
    public int Lives { get; set; }

    /// <summary>Whether the node is to join again when it has left.</summary>
    public bool JoinsAgain { get; set; }

    /// <summary>How the machine reaches others.</summary>
    public NodeMap<Link> Links { get; } = new();
}
