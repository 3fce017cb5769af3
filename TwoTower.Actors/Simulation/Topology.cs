using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Simulation;

/// <summary>Which nodes a simulated world has, and what lives on them.</summary>
/// <param name="IsCluster">Whether it is a cluster: a node for the trainer, one for the evaluator, one for each worker, and server nodes
/// that share the shards, with all that a cluster does to lose nothing. Otherwise every actor has a node of its own, and each shard is one:
/// what most questions about staleness need.</param>
/// <param name="Servers">Server nodes that a cluster begins with.</param>
public sealed record Topology(bool IsCluster, int Servers = Topology.DefaultServers)
{
    /// <summary>Server nodes when nobody says how many.</summary>
    public const int DefaultServers = 3;

    /// <summary>More server nodes than this are refused.</summary>
    public const int MostServers = 64;

    /// <summary>Pieces of fewer bytes than this are refused.</summary>
    public const int LeastPieceBytes = 64;

    /// <summary>Bytes of the longest message between nodes of a cluster that goes in one piece.</summary>
    public int PieceBytes { get; init; } = EndpointProtocol.ChunkBytes;

    /// <summary>Every actor has a node of its own.</summary>
    public static Topology Actors { get; } = new(IsCluster: false);

    /// <summary>A cluster.</summary>
    /// <param name="servers">Server nodes that it begins with.</param>
    public static Topology Cluster(int servers) => new(IsCluster: true, servers);

    /// <summary>Refuses what cannot be.</summary>
    /// <exception cref="WorldException">There are too many or too few servers, or pieces are of no size that there is.</exception>
    public void Check()
    {
        if (Servers is < 1 or > MostServers)
        {
            throw new WorldException($"A cluster cannot have {Servers} server nodes; it takes 1 to {MostServers}.");
        }

        if (PieceBytes is < LeastPieceBytes or > EndpointProtocol.ChunkBytes)
        {
            throw new WorldException(
                $"Messages cannot go in pieces of {PieceBytes} bytes; they take {LeastPieceBytes} to {EndpointProtocol.ChunkBytes}.");
        }
    }
}
