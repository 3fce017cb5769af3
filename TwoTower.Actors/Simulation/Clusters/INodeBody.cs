namespace TwoTower.Actors.Simulation.Clusters;

/// <summary>What runs on the nodes of a simulated cluster, on top of the modelled membership.</summary>
internal interface INodeBody
{
    /// <summary>Whether a node that ends itself without having left is started again.</summary>
    bool StartsAgain { get; }

    /// <summary>Starts what one life of a node has, in the context of its root.</summary>
    void Start(NodeLife life, ClusterMachine machine);
}
