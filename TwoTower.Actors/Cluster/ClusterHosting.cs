using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Akka.Event;
using Akka.Hosting;
using Akka.Remote.Hosting;
using TwoTower.Actors.Cluster.Majority;
using TwoTower.Actors.Cluster.Replication;
using TwoTower.Actors.Cluster.Wire;
using TwoTower.Actors.Evaluation;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Cluster;

/// <summary>Wires a node of a cluster. Tests and production call the same method.</summary>
public static class ClusterHosting
{
    private const string CoordinatorName = "coordinator", EvaluatorName = "evaluator", AgentName = "agent";

    /// <summary>Adds everything that a node is there for. Nothing of it starts before the coordinator has let the node in.</summary>
    /// <param name="builder">The actor system.</param>
    /// <param name="node">What the node is and where.</param>
    /// <param name="run">The run; every node makes its own from the same settings and data.</param>
    /// <param name="done">Is told when the node has nothing more to do.</param>
    public static AkkaConfigurationBuilder AddTwoTowerNode(this AkkaConfigurationBuilder builder, ClusterNode node, TrainingRun run, TaskCompletionSource<NodeEnd> done)
    {
        builder
            .AddTwoTowerDispatchers(run.Options with { Workers = Math.Max(1, node.Has(ClusterNode.Worker) ? node.WorkerActors : 1) })
            .AddTwoTowerWire()
            .AddHocon(node.Hocon, HoconAddMode.Append)
            .WithRemoting(new RemoteOptions { HostName = node.Host, PublicHostName = node.PublicHost, Port = node.Port, PublicPort = node.PublicPort })
            .WithClustering(new ClusterOptions { Roles = [.. node.Roles], SeedNodes = [.. node.Seeds.Select(seed => $"akka.{(node.Tls is null ? string.Empty : "ssl.")}tcp://{SystemName}@{seed}")] })
            .WithActors((system, _) => Start(system, node, run, done));
        return node.Tls is { } tls ? builder.AddSetup(tls) : builder;
    }

    /// <summary>Name of every node's actor system.</summary>
    public const string SystemName = "twotower";

    /// <summary>The node's agent.</summary>
    public static ActorSelection AgentOf(ActorSystem system) => system.ActorSelection($"/user/{AgentName}");

    /// <summary>The way to the coordinator.</summary>
    public static ActorSelection CoordinatorOf(ActorSystem system) => system.ActorSelection($"/user/{CoordinatorName}-proxy");

    /// <summary>The trainer, where it is on this node.</summary>
    public static ActorSelection TrainerOf(ActorSystem system) => system.ActorSelection($"/user/{CoordinatorName}/one/trainer/inner");

    private static void Start(ActorSystem system, ClusterNode node, TrainingRun run, TaskCompletionSource<NodeEnd> done)
    {
        system.ActorOf(Props.Create(() => new NodeFailureListener(node.Say, run.Outcome, done)), "failures");
        var coordinator = Proxy(system, CoordinatorName, ClusterNode.Trainer);
        var evaluator = Proxy(system, EvaluatorName, ClusterNode.Evaluator);
        var card = new NodeCard(
            AdmissionProtocol.Version, Guid.NewGuid().ToString("N"), string.Empty, [.. node.Roles, .. node.Journal is null ? Array.Empty<string>() : [NodeCard.Journal]], node.Has(ClusterNode.Worker) ? node.WorkerActors : 0,
            run.Plan.Data.Fingerprint, [.. node.Settings], []);
        var blueprint = new NodeAgentBlueprint(
            card, coordinator, _ => OpenShards(system, node, run), (context, first) => FindShards(context, system, node, run, first), (context, ids) => StartWorkers(context, system, node, run, coordinator, ids), RepeatSeconds: 1, done)
        {
            Say = node.Say,
            Farewell = node.Farewell,
        };
        var agent = system.ActorOf(NodeAgent.Props(blueprint), AgentName);
        system.ActorOf(MajorityHolderActor.Props(node.Majority), MajorityHolderActor.Name);
        if (node.Has(ClusterNode.Trainer))
        {
            Singleton(system, CoordinatorName, ClusterNode.Trainer, CoordinatorActor.Props(new CoordinatorBlueprint(
                card, agent, () => Trainer(system, node, run, evaluator), () => FirstWorker(node), run.Outcome.Task)
            {
                Fail = reason => run.Outcome.TrySetException(new TrainingException(reason)),
            }));
        }

        // Seeds that are none: the node is the first.
        if (node.Seeds.Count == 0)
        {
            var cluster = Akka.Cluster.Cluster.Get(system);
            cluster.Join(cluster.SelfAddress);
        }
    }

    private static void OpenShards(ActorSystem system, ClusterNode node, TrainingRun run)
    {
        var sharding = ClusterSharding.Get(system);
        if (node.Has(ClusterNode.Server))
        {
            var name = ServerWatch.NameOf(Akka.Cluster.Cluster.Get(system).SelfUniqueAddress);
            var local = new ServerRef(name, system.ActorOf(EndpointActor.Props(
                node.Endpoints, _ => StandbyActor.Props(name, run.ShardBlueprint).WithDispatcher(TrainingActors.DispatcherOf(NodeRole.Shard)), "inner"), StandbyActor.Name));
            var servers = system.ActorOf(ServerWatch.Props(ClusterNode.Server), "servers");
            sharding.Start(
                ShardRouting.Region, entity => Shard(ShardRouting.ShardOf(entity), system, node, run, servers, local), ClusterShardingSettings.Create(system).WithRole(ClusterNode.Server), new ShardRouting(),
                ShardAllocationStrategy.LeastShardAllocationStrategy(absoluteLimit: 1, relativeLimit: 1), ShardHostActor.HandOff.Instance);
        }
        else
        {
            sharding.StartProxy(ShardRouting.Region, ClusterNode.Server, new ShardRouting());
        }

        if (node.Has(ClusterNode.Evaluator))
        {
            Singleton(system, EvaluatorName, ClusterNode.Evaluator, EndpointActor.Props(node.Endpoints, endpoint => EvaluatorActor.Props(new EvaluatorBlueprint(
                run.Options.Model, run.Layout, run.ValidationUsers, run.Score, RealTimeWork.Instance, Shards(system, run, endpoint), run.Options.RetrySeconds))
                .WithDispatcher(TrainingActors.DispatcherOf(NodeRole.Evaluator)), "inner"));
        }
    }

    private static Props Shard(ShardId id, ActorSystem system, ClusterNode node, TrainingRun run, IActorRef servers, ServerRef local)
    {
        node.LoadingShards[id.Value] = 0;
        node.PushesTaken[id.Value] = 0;
        return ShardEndpoint(id, system, node, run, servers, local);
    }

    private static Props ShardEndpoint(ShardId id, ActorSystem system, ClusterNode node, TrainingRun run, IActorRef servers, ServerRef local) => EndpointActor.Props(
        node.Endpoints,
        endpoint => ShardHostActor.Props(new ShardHostBlueprint(id, run.ShardBlueprint, node.ShardStore, RealTimeWork.Instance, target => endpoint.Link(target), servers, local)
        {
            Say = node.Say,
            Began = () => node.LoadingShards.TryRemove(id.Value, out _),
            Took = pushes => node.PushesTaken[id.Value] = pushes,
            Ended = () =>
            {
                node.LoadingShards.TryRemove(id.Value, out _);
                node.PushesTaken.TryRemove(id.Value, out _);
            },
            HoldsMajority = () => node.Majority.IsHeld(system.Scheduler.MonotonicClock.TotalSeconds),
        })
            .WithDispatcher(TrainingActors.DispatcherOf(NodeRole.Shard)), "inner");

    private static Props Trainer(ActorSystem system, ClusterNode node, TrainingRun run, IActorRef evaluator) => EndpointActor.Props(
        node.Endpoints,
        endpoint => TrainerActor.Props(TrainingActors.Trainer(run, Shards(system, run, endpoint), endpoint.Link(evaluator), RealTimeWork.Instance, lostReturn: true, node.Journal?.Invoke()))
            .WithDispatcher(TrainingActors.DispatcherOf(NodeRole.Trainer)), "inner");

    private static void FindShards(IActorContext context, ActorSystem system, ClusterNode node, TrainingRun run, int worker)
    {
        var agent = context.Self;
        context.ActorOf(EndpointActor.Props(node.Endpoints, endpoint => ShardContactActor.Props(Shards(system, run, endpoint), new WorkerId(worker), retrySeconds: 1, agent), "inner"), "shard-contact");
    }

    private static IReadOnlyList<IActorRef> StartWorkers(IActorContext context, ActorSystem system, ClusterNode node, TrainingRun run, IActorRef coordinator, IReadOnlyList<int> ids) =>
    [
        .. ids.Select(id => context.ActorOf(EndpointActor.Props(node.Endpoints, endpoint => WorkerActor.Props(new WorkerId(id), new WorkerBlueprint(
            run.Options, run.Hot, () => run.Tools(shared: false), run.NextBirth, node.WorkerWork, endpoint.Link(coordinator), Shards(system, run, endpoint)))
            .WithDispatcher(TrainingActors.DispatcherOf(NodeRole.Worker)), "inner"), $"worker-{id}")),
    ];

    private static IReadOnlyList<IActorRef> Shards(ActorSystem system, TrainingRun run, IEndpoint endpoint)
    {
        var region = ClusterSharding.Get(system).ShardRegion(ShardRouting.Region);
        return [.. Enumerable.Range(0, run.Options.Shards).Select(shard => endpoint.Link(region, new ShardId(shard)))];
    }

    /// <summary>Worker ids of an earlier life of the run are not given again.</summary>
    private static int FirstWorker(ClusterNode node) =>
        1 + (node.Journal?.Invoke().Read().OfType<JournalEntry.Joined>().Select(joined => joined.Worker.Value).DefaultIfEmpty(-1).Max() ?? -1);

    private static IActorRef Proxy(ActorSystem system, string name, string role) => system.ActorOf(
        ClusterSingletonProxy.Props($"/user/{name}", ClusterSingletonProxySettings.Create(system).WithSingletonName("one").WithRole(role)), $"{name}-proxy");

    /// <summary>Unlike shards, which terms keep apart, two of these must not be at work: so the next one waits as long as the smaller side of a split network may take to shut itself down.</summary>
    private static void Singleton(ActorSystem system, string name, string role, Props props) => system.ActorOf(
        ClusterSingletonManager.Props(props, PoisonPill.Instance, ClusterSingletonManagerSettings.Create(system).WithSingletonName("one").WithRole(role)
            .WithRemovalMargin(system.Settings.Config.GetTimeSpan("akka.cluster.split-brain-resolver.stable-after"))), name);

    /// <summary>An exception in an actor of ours is told to a person; one in the trainer ends the run.</summary>
    private sealed class NodeFailureListener : ReceiveActor
    {
        private static readonly string[] Ours = ["/inner", $"/user/{CoordinatorName}/", $"/user/{AgentName}", $"/user/{StandbyActor.Name}", "/user/servers", $"/user/{MajorityHolderActor.Name}"];

        public NodeFailureListener(Action<string> say, TaskCompletionSource<TrainingOutcome> outcome, TaskCompletionSource<NodeEnd> done)
        {
            Context.System.EventStream.Subscribe(Self, typeof(Error));
            Receive<Error>(error => error.Cause is not null && Ours.Any(place => error.LogSource.Contains(place, StringComparison.Ordinal)), error =>
            {
                var reason = $"{error.LogSource.Split("/user/")[^1]} failed: {error.Cause.Message}";
                say(reason);
                if (error.LogSource.Contains($"/user/{CoordinatorName}/", StringComparison.Ordinal))
                {
                    outcome.TrySetException(new TrainingException(reason, error.Cause));
                }
                else if (error.LogSource.Contains("/user/", StringComparison.Ordinal))
                {
                    done.TrySetResult(new NodeEnd(reason)); // a shard is started again by its region; anything else, with the node
                }
            });
        }
    }
}
