using TwoTower.Actors.Hosting;
using TwoTower.Actors.Hosting.Endpoints;
using TwoTower.Actors.Hosting.Nodes;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Simulation.Clusters;

/// <summary>A training's part of every node: the actors that production starts, wired by the same class.</summary>
/// <param name="run">The training.</param>
/// <param name="options">The world.</param>
internal sealed class TrainingBody(ITrainingRun run, WorldOptions options) : INodeBody
{
    private readonly ClusterDisks _disks = new(options.CondenseAfter);
    private readonly Lazy<WorkerTools> _tools = new(() => run.Tools(shared: true));

    public bool StartsAgain => !run.Outcome.Task.IsCompleted;

    public void Start(NodeLife life, ClusterMachine machine)
    {
        var done = new TaskCompletionSource<NodeEnd>();
        _ = done.Task.ContinueWith(end => OnDone(life, end.Result), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        var node = new ClusterNode
        {
            Roles = life.Peer.Roles,
            Hocon = string.Empty,
            ShardStore = _disks.Of(machine),
            Journal = () => _disks.Of(machine),
            WorkerWork = machine,
            Endpoints = new EndpointOptions { PieceBytes = options.Topology.PieceBytes, Probe = run.Probe },
            Settings = [],
            Say = life.Say,
        };
        new NodeActors(life.Host, node, run, () => _tools.Value).Start(done);
    }

    private static void OnDone(NodeLife life, NodeEnd end)
    {
        if (end.Failure.Length > 0)
        {
            life.Say(end.Failure);
            life.EndItself(end.Failure);
        }
    }
}
