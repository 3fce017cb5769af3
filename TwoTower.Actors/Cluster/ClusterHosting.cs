using System.Globalization;
using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Event;
using Akka.Hosting;
using Akka.Remote.Hosting;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Hosting.Endpoints;
using TwoTower.Actors.Hosting.Majority;
using TwoTower.Actors.Hosting.Nodes;
using TwoTower.Actors.Hosting.Replication;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Cluster;

/// <summary>Wires a node of a cluster. Tests and production call the same method.</summary>
internal static class ClusterHosting
{
    /// <summary>Adds everything that a node is there for. Nothing of it starts before the coordinator has let the node in.</summary>
    /// <param name="builder">The actor system.</param>
    /// <param name="node">What the node is and where.</param>
    /// <param name="run">The run; every node makes its own from the same settings and data.</param>
    /// <param name="done">Is told when the node has nothing more to do.</param>
    public static AkkaConfigurationBuilder AddTwoTowerNode(this AkkaConfigurationBuilder builder, ClusterNode node, TrainingRun run,
        TaskCompletionSource<NodeEnd> done)
    {
        builder
            .AddTwoTowerDispatchers(run.Options with { Workers = Math.Max(1, node.Has(ClusterNode.Worker) ? node.WorkerActors : 1) })
            .AddTwoTowerWire()
            .AddHocon(node.Hocon, HoconAddMode.Append)
            .WithRemoting(new RemoteOptions
            {
                HostName = node.Host,
                PublicHostName = node.PublicHost,
                Port = node.Port,
                PublicPort = node.PublicPort
            })
            .WithClustering(new ClusterOptions
            {
                Roles = [.. node.Roles],
                SeedNodes = [.. node.Seeds.Select(seed => $"akka.{(node.Tls is null ? string.Empty : "ssl.")}tcp://{SystemName}@{seed}")]
            })
            .WithActors((system, _) => Start(system, node, run, done));
        return node.Tls is { } tls ? builder.AddSetup(tls) : builder;
    }

    /// <summary>What the name of every node's actor system begins with; behind it stands the version of what nodes say to each other, so
    /// that nodes of different versions never are in one cluster.</summary>
    public const string SystemPrefix = "twotower-";

    /// <summary>Name of every node's actor system.</summary>
    public static string SystemName { get; } = string.Create(CultureInfo.InvariantCulture, $"{SystemPrefix}{AdmissionProtocol.Version}");

    /// <summary>The node's agent.</summary>
    public static ActorSelection AgentOf(ActorSystem system) => system.ActorSelection($"/user/{NodeActors.Agent}");

    /// <summary>The way to the coordinator.</summary>
    public static ActorSelection CoordinatorOf(ActorSystem system) => system.ActorSelection($"/user/{NodeActors.Coordinator}-proxy");

    /// <summary>The trainer, where it is on this node.</summary>
    public static ActorSelection TrainerOf(ActorSystem system) =>
        system.ActorSelection($"/user/{NodeActors.Coordinator}/one/trainer/inner");

    private static void Start(ActorSystem system, ClusterNode node, TrainingRun run, TaskCompletionSource<NodeEnd> done)
    {
        system.ActorOf(Props.Create(() => new NodeFailureListener(node.Say, run.Outcome, done)), "failures");
        system.ActorOf(Props.Create(() => new OutcastActor()), "outcast");
        new NodeActors(new AkkaNodeHost(system), node, run, () => run.Tools(shared: false)).Start(done);

        // Seeds that are none: the node is the first.
        if (node.Seeds.Count == 0)
        {
            var cluster = Akka.Cluster.Cluster.Get(system);
            cluster.Join(cluster.SelfAddress);
        }
    }

    /// <summary>An exception in an actor of ours is told to a person; one in the trainer ends the run.</summary>
    private sealed class NodeFailureListener : ReceiveActor
    {
        private static readonly string[] Ours = ["/inner", $"/user/{NodeActors.Coordinator}/", $"/user/{NodeActors.Agent}",
            $"/user/{StandbyActor.Name}", $"/user/{NodeActors.Servers}", $"/user/{MajorityHolderActor.Name}"];

        public NodeFailureListener(Action<string> say, TaskCompletionSource<TrainingOutcome> outcome, TaskCompletionSource<NodeEnd> done)
        {
            Context.System.EventStream.Subscribe(Self, typeof(Error));
            Receive<Error>(error => error.Cause is not null && Ours.Any(place => error.LogSource.Contains(place, StringComparison.Ordinal)),
                error =>
                {
                    var reason = $"{error.LogSource.Split("/user/")[^1]} failed: {error.Cause.Message}";
                    say(reason);
                    if (error.LogSource.Contains($"/user/{NodeActors.Coordinator}/", StringComparison.Ordinal))
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
