using System.Collections.Concurrent;
using TwoTower.Actors.Hosting.Endpoints;
using TwoTower.Actors.Hosting.Majority;
using TwoTower.Actors.Hosting.Replication;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Training;
using TwoTower.Actors.Work;

namespace TwoTower.Actors.Hosting.Nodes;

/// <summary>What a process of a cluster is and where it is.</summary>
internal sealed record ClusterNode
{
    /// <summary>Role of the nodes that the trainer may live on.</summary>
    public const string Trainer = "trainer";

    /// <summary>Role of the nodes that hold parameters.</summary>
    public const string Server = "server";

    /// <summary>Role of the nodes that compute gradients.</summary>
    public const string Worker = "worker";

    /// <summary>Role of the nodes that the evaluator may live on.</summary>
    public const string Evaluator = "evaluator";

    /// <summary>All roles.</summary>
    public static IReadOnlyList<string> AllRoles { get; } = [Trainer, Server, Worker, Evaluator];

    /// <summary>What the node is there for.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>Address to bind to.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Name under which others reach it.</summary>
    public string PublicHost { get; init; } = "127.0.0.1";

    /// <summary>Port; 0 for any that is free.</summary>
    public int Port { get; init; }

    /// <summary>Port under which others reach it, where that is another one; null for <see cref="Port"/>.</summary>
    public int? PublicPort { get; init; }

    /// <summary>"host:port" of nodes to join; none to be the first.</summary>
    public IReadOnlyList<string> Seeds { get; init; } = [];

    /// <summary>Worker actors, with role worker.</summary>
    public int WorkerActors { get; init; } = 1;

    /// <summary>The machine under the node's workers.</summary>
    public ITimedWork WorkerWork { get; init; } = RealTimeWork.Instance;

    /// <summary>How long the node, once it knows that the run is over, waits to hear that all know:
    /// whoever would tell it may be gone.</summary>
    public TimeSpan Farewell { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Limits of the node's endpoints.</summary>
    public EndpointOptions Endpoints { get; init; } = new();

    /// <summary>Everything that decides the run, as "key=value": nodes with other values are refused.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Text of <c>cluster.hocon</c> and whatever goes before it.</summary>
    public required string Hocon { get; init; }

    /// <summary>What makes its transport TLS, with what has to stand in <see cref="Hocon"/> for it; null is without.</summary>
    public Akka.Actor.Setup.Setup? Tls { get; init; }

    /// <summary>Where shards keep their records, or null.</summary>
    public IShardStore? ShardStore { get; init; }

    /// <summary>Opens what a trainer writes down for the one after it, or null.</summary>
    public Func<ITrainerJournal>? Journal { get; init; }

    /// <summary>Shards on the node that do not answer requests yet.</summary>
    public ConcurrentDictionary<int, byte> LoadingShards { get; } = new();

    /// <summary>Pushes that each shard on the node has taken since it came there.</summary>
    public ConcurrentDictionary<int, long> PushesTaken { get; } = new();

    /// <summary>Which copies the shards on the node have.</summary>
    public CopyBoard Copies { get; } = new();

    /// <summary>Whether shards on the node may take pushes.</summary>
    public MajorityLease Majority { get; } = new();

    /// <summary>Is told what a person should know.</summary>
    public Action<string> Say { get; init; } = _ => { };

    /// <summary>Whether the node has a role.</summary>
    public bool Has(string role) => Roles.Contains(role, StringComparer.Ordinal);
}
