using TwoTower.Actors.Cluster;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Hosting.Nodes;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Tests.Training;

namespace TwoTower.Tests.Cluster;

/// <summary>A cluster of several actor systems in this process, over loopback, that trains on small data.</summary>
/// <param name="options">The run.</param>
internal sealed class SmallCluster(TrainingOptions options) : IAsyncDisposable
{
    /// <summary>Longer than anything here takes on a busy machine.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private readonly List<ClusterTraining> _nodes = [];

    /// <summary>The trainer's node, the first.</summary>
    public ClusterTraining Trainer => _nodes[0];

    /// <summary>The run as the trainer's node has it.</summary>
    public TrainingRun Run { get; private set; } = null!;

    /// <summary>Starts the node that the others join.</summary>
    /// <param name="roles">Roles besides trainer.</param>
    /// <param name="happening">Sees the trainer's events.</param>
    /// <param name="change">Changes the node.</param>
    public async Task<ClusterTraining> StartTrainerAsync(string[] roles, Action<TrainingEvent>? happening = null,
        Func<ClusterNode, ClusterNode>? change = null)
    {
        Run = new TrainingRun(new TrainingPlan(options, SmallData.Make()), new EventCallback(happening ?? (_ => { })));
        return await StartAsync([ClusterNode.Trainer, .. roles], Run, change);
    }

    /// <summary>Starts another node.</summary>
    public Task<ClusterTraining> JoinAsync(string role, int workers = 1, RecommenderData? data = null,
        Func<ClusterNode, ClusterNode>? change = null) =>
            StartAsync([role], new TrainingRun(new TrainingPlan(options, data ?? SmallData.Make())),
                node => (change ?? (same => same))(node with { WorkerActors = workers }));

    /// <summary>Trains to the end.</summary>
    public Task<TrainingOutcome> TrainAsync() => Trainer.TrainAsync(CancellationToken.None).WaitAsync(Limit);

    /// <summary>Ends a node where it stands: to the others it is gone without a word.</summary>
    public async Task CrashAsync(ClusterTraining node)
    {
        _nodes.Remove(node);
        await node.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_nodes.Select(node => node.DisposeAsync().AsTask()));
    }

    private async Task<ClusterTraining> StartAsync(string[] roles, TrainingRun run, Func<ClusterNode, ClusterNode>? change)
    {
        var node = new ClusterNode
        {
            Roles = roles,
            Port = 0,
            Seeds = _nodes.Count == 0 ? [] : [Trainer.Address],
            Settings = [$"model.dim={options.Model.Dim}", $"train.workers={options.Workers}"],
            Hocon = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "cluster.hocon")),
        };
        var training = await ClusterTraining.StartAsync(change?.Invoke(node) ?? node, run);
        _nodes.Add(training);
        return training;
    }
}
