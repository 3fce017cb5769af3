using Akka.Actor;
using TwoTower.Actors.Ids;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Training;
using TwoTower.Actors.Work;

namespace TwoTower.Actors.Hosting;

/// <summary>Where the actors of a run live, how they reach each other, and how fast their machines are.</summary>
internal interface IDeployment
{
    /// <summary>Whether something starts a lost actor again.</summary>
    bool LostReturn { get; }

    /// <summary>Whether all actors run on one thread, so that what is in use only while a message
    /// is handled may be shared by all.</summary>
    bool OneThread => false;

    /// <summary>Whether the actors' time is the wall clock's.</summary>
    bool RealTime => true;

    /// <summary>Starts the actor of a node.</summary>
    /// <param name="node">Where.</param>
    /// <param name="props">Makes the actor's props; called again when the node is started again.</param>
    IActorRef Start(NodeId node, Func<Props> props);

    /// <summary>How the actor on one node talks to that on another, which may not be started yet or may be started again.</summary>
    IActorRef Link(NodeId from, NodeId to);

    /// <summary>The machine of a node.</summary>
    ITimedWork WorkOn(NodeId node);

    /// <summary>Where shards are kept, or null where a crash ends the run.</summary>
    IShardStore? ShardStore { get; }

    /// <summary>Where the trainer writes down what it must know after a crash, or null.</summary>
    ITrainerJournal? Journal { get; }
}

/// <summary>Everybody in one actor system: messages go straight, nothing is started again. Start what is linked to first.</summary>
/// <param name="system">The actor system.</param>
internal sealed class LocalDeployment(ActorSystem system) : IDeployment
{
    private readonly SortedDictionary<NodeId, IActorRef> _actors = [];

    /// <inheritdoc />
    public bool LostReturn => false;

    /// <inheritdoc />
    public IActorRef Start(NodeId node, Func<Props> props) => _actors[node] = system.ActorOf(props(), node.ToString());

    /// <inheritdoc />
    public IActorRef Link(NodeId from, NodeId to) => _actors[to];

    /// <inheritdoc />
    public ITimedWork WorkOn(NodeId node) => RealTimeWork.Instance;

    /// <inheritdoc />
    public IShardStore? ShardStore => null;

    /// <inheritdoc />
    public ITrainerJournal? Journal => null;
}
