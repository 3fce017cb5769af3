using Akka.Actor;
using TwoTower.Actors.Evaluation;
using TwoTower.Actors.Hosting.Endpoints;
using TwoTower.Actors.Hosting.Majority;
using TwoTower.Actors.Hosting.Replication;
using TwoTower.Actors.Ids;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Hosting.Nodes;

/// <summary>Starts what a node is there for. Production, specs and the simulator start the same.</summary>
/// <param name="host">Where.</param>
/// <param name="node">What the node is.</param>
/// <param name="run">The run.</param>
/// <param name="tools">The tools of a worker.</param>
internal sealed class NodeActors(INodeHost host, ClusterNode node, ITrainingRun run, Func<WorkerTools> tools)
{
    /// <summary>Names of actors.</summary>
    public const string Coordinator = "coordinator", Evaluator = "evaluator", Agent = "agent", Servers = "servers",
        Contact = "shard-contact";

    private const double ContactRetrySeconds = 1;

    private readonly MajorityNotice _majority = new(node.Say);
    private IActorRef _coordinator = ActorRefs.Nobody;
    private IActorRef _evaluator = ActorRefs.Nobody;

    /// <summary>Starts the node's agent, its lease and, where it may live here, the coordinator. The rest starts when the
    /// coordinator has let the node in.</summary>
    /// <param name="done">Is told when the node has nothing more to do.</param>
    public void Start(TaskCompletionSource<NodeEnd> done)
    {
        _coordinator = host.Proxy(Coordinator, ClusterNode.Trainer);
        _evaluator = host.Proxy(Evaluator, ClusterNode.Evaluator);
        var card = new NodeCard(
            AdmissionProtocol.Version, host.NewName(), string.Empty,
            [.. node.Roles, .. node.Journal is null ? Array.Empty<string>() : [NodeCard.Journal]], node.Has(ClusterNode.Worker)
            ? node.WorkerActors : 0,
            run.Plan.Data.Fingerprint, [.. node.Settings], []);
        var agent = host.Start(NodeAgent.Props(new NodeAgentBlueprint(card, host.Membership, _coordinator, _ => OpenShards(), FindShards,
            StartWorkers, RepeatSeconds: 1, done)
        {
            Say = node.Say,
            Farewell = node.Farewell,
        }), Agent);
        host.Start(MajorityHolderActor.Props(host.Membership, node.Majority), MajorityHolderActor.Name);
        if (node.Has(ClusterNode.Trainer))
        {
            host.StartSingleton(Coordinator, ClusterNode.Trainer,
                CoordinatorActor.Props(new CoordinatorBlueprint(card, host.Membership, agent, Trainer, FirstWorker, run.Outcome.Task)
                {
                    Fail = reason => run.Outcome.TrySetException(new TrainingException(reason)),
                }));
        }
    }

    private void OpenShards()
    {
        if (node.Has(ClusterNode.Server))
        {
            var name = host.Membership.Name;
            var local = new ServerRef(name, host.Start(EndpointActor.Props(
                node.Endpoints, _ => StandbyActor.Props(name, Blueprint).WithDispatcher(TrainingActors.DispatcherOf(NodeRole.Shard)),
                "inner"), StandbyActor.Name));
            var servers = host.Start(ServerWatch.Props(host.Membership, ClusterNode.Server), Servers);
            host.Start(CopiesActor.Props(node.Copies), CopiesActor.Name);
            host.StartRegion(ClusterNode.Server, id => Shard(id, servers, local), ShardHostActor.HandOff.Instance);
        }
        else
        {
            host.StartRegionProxy(ClusterNode.Server);
        }

        if (node.Has(ClusterNode.Evaluator))
        {
            host.StartSingleton(Evaluator, ClusterNode.Evaluator,
                EndpointActor.Props(node.Endpoints, endpoint => EvaluatorActor.Props(new EvaluatorBlueprint(
                    run.Options.Model, run.Layout, run.ValidationUsers, run.Score, host.Work, Shards(endpoint), run.Options.RetrySeconds)
                {
                    Probe = run.Probe,
                    Contact = evaluator => Watching(evaluator, shard => new EvaluatorActor.ShardBegan(shard)),
                })
                    .WithDispatcher(TrainingActors.DispatcherOf(NodeRole.Evaluator)), "inner"));
        }
    }

    private ShardBlueprint Blueprint => run.ShardBlueprint with { Probe = run.Probe };

    private Props Shard(ShardId id, IActorRef servers, ServerRef local)
    {
        node.LoadingShards[id.Value] = 0;
        node.PushesTaken[id.Value] = 0;
        return EndpointActor.Props(
            node.Endpoints,
            endpoint => ShardHostActor.Props(new ShardHostBlueprint(id, Blueprint, node.ShardStore, host.Work,
                target => endpoint.Link(target), servers, local)
            {
                Say = node.Say,
                NewLife = host.NewLife,
                WaitsForMajority = _majority.Tell,
                AskTraffic = (way, server, _) => endpoint.AskTraffic(way, server),
                Began = () => node.LoadingShards.TryRemove(id.Value, out _),
                Took = pushes => node.PushesTaken[id.Value] = pushes,
                Copies = node.Copies.Post,
                Ended = () =>
                {
                    node.Copies.Remove(id.Value);
                    node.LoadingShards.TryRemove(id.Value, out _);
                    node.PushesTaken.TryRemove(id.Value, out _);
                },
                HoldsMajority = () => node.Majority.IsHeld(host.Seconds),
            })
                .WithDispatcher(TrainingActors.DispatcherOf(NodeRole.Shard)), "inner");
    }

    private Props Trainer() => EndpointActor.Props(
        node.Endpoints,
        endpoint => TrainerActor.Props(TrainingActors.Trainer(run, Shards(endpoint), endpoint.Link(_evaluator), host.Work, lostReturn: true,
            node.Journal?.Invoke()) with
        {
            RealTime = host.RealTime,
            Contact = trainer => Watching(trainer, shard => new TrainerInput.ShardBegan(shard)),
        })
            .WithDispatcher(TrainingActors.DispatcherOf(NodeRole.Trainer)), "inner");

    private void FindShards(IActorContext context, int worker)
    {
        var agent = context.Self;
        context.ActorOf(EndpointActor.Props(node.Endpoints, endpoint => ShardContactActor.OfWorkers(Shards(endpoint), new WorkerId(worker),
            ContactRetrySeconds, agent), "inner"), Contact);
    }

    /// <summary>Has somebody told of every shard that begins anew, elsewhere or where it was.</summary>
    private Props Watching(IActorRef told, Func<ShardId, object> began) =>
        EndpointActor.Props(node.Endpoints, endpoint => ShardContactActor.Of(Shards(endpoint), ContactRetrySeconds,
            shard => told.Tell(began(shard))), "inner");

    private IReadOnlyList<IActorRef> StartWorkers(IActorContext context, IReadOnlyList<int> ids) =>
    [
        .. ids.Select(id =>
            context.ActorOf(EndpointActor.Props(node.Endpoints, endpoint => WorkerActor.Props(new WorkerId(id), new WorkerBlueprint(
                run.Options, run.Hot, tools, run.NextBirth, node.WorkerWork, endpoint.Link(_coordinator), Shards(endpoint))
            { Probe = run.Probe })
                .WithDispatcher(TrainingActors.DispatcherOf(NodeRole.Worker)), "inner"), $"worker-{id}")),
    ];

    private IReadOnlyList<IActorRef> Shards(IEndpoint endpoint)
    {
        var region = host.Region;
        return [.. Enumerable.Range(0, run.Options.Shards).Select(shard => endpoint.Link(region, new ShardId(shard)))];
    }

    /// <summary>Worker ids of an earlier life of the run are not given again.</summary>
    private int FirstWorker() => node.Journal is null ? 0 : TrainerRecord.FirstWorker(node.Journal().Read());
}
