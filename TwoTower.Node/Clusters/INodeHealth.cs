using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Node.Clusters;

/// <summary>What a node knows of itself. Asked from the health server's threads.</summary>
internal interface INodeHealth
{
    /// <summary>Whether its actor system runs.</summary>
    bool Alive { get; }

    /// <summary>Whether the node does its part (its member is Up; a server's shards are loaded), and if not, what it waits for.</summary>
    Task<(bool Ready, string Why)> ReadinessAsync();

    /// <summary>The cluster as this node sees it.</summary>
    Task<ClusterStatus> StatusAsync();
}
