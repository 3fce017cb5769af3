using Akka.Actor;
using Akka.Cluster;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Hosting.Nodes;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Cluster;

/// <summary>A node has left before there was an outcome to tell of. The message is a sentence for a person.</summary>
internal sealed class NodeLeftException(string message) : Exception(message);

/// <summary>A node has ended before its run was over, and has to be started again to take part. The
/// message is a sentence for a person.</summary>
internal sealed class StartAgainException(string message) : Exception(message);

/// <summary>One node of a cluster, from its start to its end.</summary>
internal sealed class ClusterTraining : IAsyncDisposable
{
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(10), s_patience = TimeSpan.FromSeconds(25);
    private readonly TaskCompletionSource<NodeEnd> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ClusterNode _node;
    private readonly TrainingRun _run;
    private readonly IHost _host;

    private ClusterTraining(ClusterNode node, TrainingRun run)
    {
        TorchSharp.torch.set_num_threads(1);
        (_node, _run) = (node, run);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<IHostLifetime, QuietLifetime>();
        builder.Services.AddAkka(ClusterHosting.SystemName, akka => akka.AddTwoTowerNode(node, run, _done));
        _host = builder.Build();
    }

    /// <summary>The actor system.</summary>
    public ActorSystem System => _host.Services.GetRequiredService<ActorSystem>();

    /// <summary>"host:port" under which others reach the node.</summary>
    public string Address => AkkaMembership.AddressOf(Akka.Cluster.Cluster.Get(System).SelfAddress);

    /// <summary>The cluster as the node sees it.</summary>
    public ClusterView View => new(System, _node);

    /// <summary>The node has nothing more to do: the run is over, it was not let in, or it has shut itself down.</summary>
    public Task<NodeEnd> Done => _done.Task;

    /// <summary>Whether the run, led from here, has failed.</summary>
    public bool RunFailed => _run.Outcome.Task.IsFaulted;

    /// <summary>Starts a node.</summary>
    /// <param name="node">What it is and where.</param>
    /// <param name="run">The run, made from the same settings and data on every node.</param>
    public static async Task<ClusterTraining> StartAsync(ClusterNode node, TrainingRun run)
    {
        var training = new ClusterTraining(node, run);
        if (node.Has(ClusterNode.Worker))
        {
            run.Rehearse(); // a worker that takes a lease and then loads and compiles for seconds would hold everybody's clock
        }

        await training._host.StartAsync(CancellationToken.None).ConfigureAwait(false);
        _ = training.System.WhenTerminated.ContinueWith(
            _ => training._done.TrySetResult(
                new NodeEnd(
                "This node was cut off from the majority of the cluster, or never reached it, and has shut itself down; started again it "
                + "joins anew.", Again: true)),
            TaskScheduler.Default);
        return training;
    }

    /// <summary>A node of role trainer: trains to the end, or until another of its role has. Asked to stop it hands over to another node of
    /// its role where there is one; else the run stops cleanly, with what can be saved.</summary>
    /// <param name="stop">Asks for a clean stop.</param>
    /// <exception cref="TrainingException">The run failed.</exception>
    /// <exception cref="StartAgainException">The node was cut off from the others, or cannot go on as it is.</exception>
    /// <exception cref="NodeLeftException">The node has left before the run was over, or another node finished it.</exception>
    public async Task<TrainingOutcome> TrainAsync(CancellationToken stop)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = stop.Register(stopped.SetResult);
        var first = await Task.WhenAny(_run.Outcome.Task, _done.Task, stopped.Task).ConfigureAwait(false);
        if (first == stopped.Task)
        {
            await StopAsync().ConfigureAwait(false);
        }
        else if (!_run.Outcome.Task.IsCompleted)
        {
            var end = await _done.Task.ConfigureAwait(false);
            throw end.Again ? new StartAgainException(end.Failure) : end.Failure.Length > 0 ? new TrainingException(end.Failure)
                : new NodeLeftException("The run was finished by another node with role trainer.");
        }

        await TellEveryoneAsync().ConfigureAwait(false);
        return await _run.Outcome.Task.ConfigureAwait(false);
    }

    /// <summary>Leaves: workers finish the batches that they have, shards are handed off.</summary>
    /// <param name="patience">Longest wait for workers.</param>
    public async Task LeaveAsync(TimeSpan patience)
    {
        try
        {
            var agent = await ClusterHosting.AgentOf(System).ResolveOne(patience).ConfigureAwait(false);
            await agent.Ask<NodeAgent.Drained>(NodeAgent.Drain.Instance, patience).ConfigureAwait(false);
        }
        catch (Exception late) when (late is AskTimeoutException or ActorNotFoundException)
        {
            _node.Say("The node's workers did not finish in time; their batches go to others.");
        }

        await CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ClusterLeavingReason.Instance).ConfigureAwait(false);
    }

    /// <summary>Ends the node where it stands.</summary>
    public async ValueTask DisposeAsync()
    {
        await System.Terminate().ConfigureAwait(false);
        _host.Dispose();
    }

    private async Task StopAsync()
    {
        var others = Akka.Cluster.Cluster.Get(System)
            .State.Members.Count(member => member.Status == MemberStatus.Up && member.HasRole(ClusterNode.Trainer)) > 1;
        if (others && _node.Journal is not null)
        {
            await LeaveAsync(s_patience).ConfigureAwait(false);
            throw new NodeLeftException("The run goes on at another node with role trainer.");
        }

        ClusterHosting.CoordinatorOf(System).Tell(TrainerActor.Stop.Instance);
        if (await Task.WhenAny(_run.Outcome.Task, Task.Delay(s_patience)).ConfigureAwait(false) != _run.Outcome.Task)
        {
            throw new NodeLeftException(
                "The batches in flight could not be finished: nodes that are needed for it are gone or have not come.");
        }
    }

    private async Task TellEveryoneAsync()
    {
        using var late = new CancellationTokenSource(s_farewell);
        var coordinator = ClusterHosting.CoordinatorOf(System);
        try
        {
            while (!await coordinator.Ask<bool>(CoordinatorActor.EveryoneKnows.Instance, late.Token).ConfigureAwait(false))
            {
                await Task.Delay(100, late.Token).ConfigureAwait(false);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or AskTimeoutException)
        {
            _node.Say("Not every node has heard that the run is over.");
        }
    }

    /// <summary>Leaves signals to the program.</summary>
    private sealed class QuietLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
