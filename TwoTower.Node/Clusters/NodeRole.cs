namespace TwoTower.Node.Clusters;

/// <summary>What a node of the cluster is for, by the names that Akka.Cluster knows as well.</summary>
public static class NodeRole
{
    /// <summary>May host the trainer.</summary>
    public const string Trainer = "trainer";

    /// <summary>Hosts parameter shards.</summary>
    public const string Server = "server";

    /// <summary>Hosts workers.</summary>
    public const string Worker = "worker";

    /// <summary>May host the evaluator.</summary>
    public const string Evaluator = "evaluator";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Trainer, Server, Worker, Evaluator];
}
