using TwoTower.Actors.Hosting.Nodes;

namespace TwoTower.Node.Clusters;

/// <summary>What a node of the cluster is for, by the names that Akka.Cluster knows as well.</summary>
public static class NodeRole
{
    /// <summary>May host the trainer.</summary>
    public const string Trainer = ClusterNode.Trainer;

    /// <summary>Hosts parameter shards.</summary>
    public const string Server = ClusterNode.Server;

    /// <summary>Hosts workers.</summary>
    public const string Worker = ClusterNode.Worker;

    /// <summary>May host the evaluator.</summary>
    public const string Evaluator = ClusterNode.Evaluator;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All => ClusterNode.AllRoles;
}
