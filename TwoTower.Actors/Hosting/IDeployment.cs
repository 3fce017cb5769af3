using Akka.Actor;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Hosting;

/// <summary>What a node is there for.</summary>
public enum NodeRole
{
    /// <summary>Coordinates.</summary>
    Trainer,

    /// <summary>Holds parameters.</summary>
    Shard,

    /// <summary>Computes gradients.</summary>
    Worker,

    /// <summary>Scores snapshots.</summary>
    Evaluator,

    /// <summary>A node of a cluster that holds whichever shards are there.</summary>
    Server,
}

/// <summary>A place where one actor of a run lives.</summary>
/// <param name="Role">What it is there for.</param>
/// <param name="Index">0, 1, 2, … within the role.</param>
public readonly record struct NodeId(NodeRole Role, int Index = 0) : IComparable<NodeId>
{
    /// <summary>The trainer's node.</summary>
    public static NodeId Trainer { get; } = new(NodeRole.Trainer);

    /// <summary>The evaluator's node.</summary>
    public static NodeId Evaluator { get; } = new(NodeRole.Evaluator);

    /// <summary>The node of a shard.</summary>
    public static NodeId Shard(int index) => new(NodeRole.Shard, index);

    /// <summary>A server node of a cluster.</summary>
    public static NodeId Server(int index) => new(NodeRole.Server, index);

    /// <summary>The node of a worker.</summary>
    public static NodeId Worker(int index) => new(NodeRole.Worker, index);

    /// <summary>Reads what <see cref="ToString"/> writes: <c>trainer</c>, <c>evaluator</c>, <c>worker-3</c>, <c>shard-0</c>.</summary>
    public static bool TryParse(string text, out NodeId node)
    {
        var parts = text.Split('-');
        node = default;
        if (!Enum.TryParse<NodeRole>(parts[0], ignoreCase: true, out var role) || !Enum.IsDefined(role) || char.IsDigit(text[0]))
        {
            return false;
        }

        var numbered = role is NodeRole.Shard or NodeRole.Worker or NodeRole.Server;
        var index = 0;
        if (numbered ? parts.Length != 2 || !int.TryParse(parts[1], System.Globalization.NumberStyles.None, null, out index) : parts.Length != 1)
        {
            return false;
        }

        node = new NodeId(role, index);
        return true;
    }

    /// <inheritdoc />
    public int CompareTo(NodeId other) => Role == other.Role ? Index.CompareTo(other.Index) : Role.CompareTo(other.Role);

    /// <inheritdoc />
    public override string ToString() => Role is NodeRole.Shard or NodeRole.Worker or NodeRole.Server ? $"{Role.ToString().ToLowerInvariant()}-{Index}" : Role.ToString().ToLowerInvariant();
}

/// <summary>Where the actors of a run live, how they reach each other, and how fast their machines are.</summary>
public interface IDeployment
{
    /// <summary>Whether something starts a lost actor again.</summary>
    bool LostReturn { get; }

    /// <summary>Whether all actors run on one thread, so that what is in use only while a message is handled may be shared by all.</summary>
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
public sealed class LocalDeployment(ActorSystem system) : IDeployment
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
