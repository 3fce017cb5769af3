namespace TwoTower.Actors.Simulation;

/// <summary>Which nodes a simulated world has, and what lives on them.</summary>
/// <param name="Servers">Server nodes of a cluster; 0 is no cluster.</param>
public sealed record Topology(int Servers)
{
    /// <summary>More server nodes than this are refused.</summary>
    public const int MostServers = 64;

    /// <summary>Every actor has a node of its own, and each shard is one: what most questions about staleness need.</summary>
    public static Topology Actors { get; } = new(0);

    /// <summary>Whether it is a cluster: a node for the trainer, one for the evaluator, one for each worker, and server nodes that share the shards, with all that a cluster does to lose nothing.</summary>
    public bool IsCluster => Servers > 0;

    /// <summary>A cluster.</summary>
    /// <param name="servers">Server nodes that it begins with.</param>
    public static Topology Cluster(int servers) => new(servers);

    /// <summary>Refuses what cannot be.</summary>
    /// <exception cref="WorldException">There are too many or too few servers.</exception>
    public void Check()
    {
        if (Servers is < 0 or > MostServers)
        {
            throw new WorldException($"A cluster cannot have {Servers} server nodes; it takes 1 to {MostServers}.");
        }
    }
}
