using System.Globalization;
using TwoTower.Actors.Hosting.Nodes;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Clusters.Local;

/// <summary>A cluster whose nodes are processes of this machine, on loopback: who there is, and each one's command line.</summary>
/// <param name="Servers">Server nodes, from 1 on.</param>
/// <param name="Workers">Worker nodes, from 1 on.</param>
/// <param name="WorkerActors">Worker actors on each.</param>
/// <param name="Evaluators">Evaluator nodes; with none, the trainer's node evaluates.</param>
/// <param name="State">Folder of the trainer's journal and the shards' records.</param>
/// <param name="Run">What decides the run, in the options of <c>train</c>.</param>
/// <param name="Output">Folder of the run, or null for the usual.</param>
internal sealed record LocalTopology(int Servers, int Workers, int WorkerActors, int Evaluators, string State, IReadOnlyList<string> Run,
    string? Output)
{
    /// <summary>Flags of the trainer's node alone.</summary>
    public IReadOnlyList<string> Trainer { get; init; } = [];

    /// <summary>The nodes; the trainer is the first, and the one that the others join by.</summary>
    public IReadOnlyList<LocalNode> Nodes =>
    [
        new(this, ClusterNode.Trainer, Evaluators == 0 ? [ClusterNode.Trainer, ClusterNode.Evaluator] : [ClusterNode.Trainer]),
        .. Several(ClusterNode.Server, Servers),
        .. Several(ClusterNode.Worker, Workers),
        .. Several(ClusterNode.Evaluator, Evaluators),
    ];

    private IEnumerable<LocalNode> Several(string role, int count) =>
        Enumerable.Range(1, count)
            .Select(n => new LocalNode(this, count == 1 ? role : string.Create(CultureInfo.InvariantCulture, $"{role}-{n}"), [role]));
}

/// <summary>A node of a <see cref="LocalTopology"/>.</summary>
/// <param name="Topology">The cluster.</param>
/// <param name="Name">What a person calls it.</param>
/// <param name="Roles">What it is for.</param>
internal sealed record LocalNode(LocalTopology Topology, string Name, IReadOnlyList<string> Roles)
{
    /// <summary>Whether the run's end is this node's end.</summary>
    public bool IsTrainer => Roles[0] == ClusterNode.Trainer;

    /// <summary>The rank in which nodes are told to stop: the trainer saves while the others are there, and servers
    /// leave when nobody pushes any more.</summary>
    public int StopRank => IsTrainer ? 0 : Roles[0] == ClusterNode.Server ? 2 : 1;

    /// <summary>The command line, without the program's name.</summary>
    /// <param name="port">Port that it had before, or 0.</param>
    /// <param name="seeds">Nodes to join by. A node without any founds the cluster, and one that is the first of them
    /// does where the others are in none.</param>
    public IReadOnlyList<string> Arguments(int port, IEnumerable<HostAndPort> seeds) =>
    [
        "node", "--role", string.Join(',', Roles), "--host", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture),
        "--health-port", "0", "--state", Topology.State,
        .. seeds.SelectMany(seed => new[] { "--seed-node", seed.ToString() }),
        // whoever is started again may find others that are just being started again
        .. seeds.Any() ? ["--join-within", "600"] : Array.Empty<string>(),
        .. Roles.Contains(ClusterNode.Worker) ? ["--worker-actors", Topology.WorkerActors.ToString(CultureInfo.InvariantCulture)]
            : Array.Empty<string>(),
        "--workers", (Topology.Workers * Topology.WorkerActors).ToString(CultureInfo.InvariantCulture),
        .. Topology.Run,
        .. IsTrainer ? Topology.Trainer : [],
        .. IsTrainer && Topology.Output is { } output ? ["--out", output] : Array.Empty<string>(),
    ];
}
