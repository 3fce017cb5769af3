using Akka.Actor;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Ids;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol.Wire;
using TwoTower.Actors.Simulation.Compute;
using TwoTower.Actors.Simulation.Faults;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Time;
using TwoTower.Actors.Training;
using TwoTower.Actors.Work;

namespace TwoTower.Actors.Simulation.Worlds;

/// <summary>Machines and the network between them, in virtual time: every actor lives on a node of its own, and every
/// message between two crosses a link.</summary>
internal sealed partial class SimulatedWorld : IDeployment, IWorld
{
    private readonly ExtendedActorSystem _system;
    private readonly WorldOptions _options;
    private readonly VirtualTime _time;
    private readonly int _workers;
    private readonly IReadOnlyList<IWorldObserver> _observers;
    private readonly NodeMap<Node> _nodes = new();
    private readonly SimulatedDisks _disks;
    private readonly Func<object, long> _sizeOf;
    private readonly SimulatedNetwork _network;
    private readonly MachineFaults _faults;

    /// <summary>An empty world.</summary>
    /// <param name="system">A system with <see cref="VirtualTimeHosting.Configuration"/>.</param>
    /// <param name="options">What the world is like.</param>
    /// <param name="workers">Workers in all.</param>
    /// <param name="observers">Who sees what happens.</param>
    /// <param name="sizeOf">Bytes of a message on the wire; null takes the real ones.</param>
    public SimulatedWorld(ActorSystem system, WorldOptions options, int workers, IReadOnlyList<IWorldObserver> observers,
        Func<object, long>? sizeOf = null)
    {
        _system = (ExtendedActorSystem)system;
        _options = options;
        _time = VirtualTimeHosting.TimeOf(system);
        _workers = workers;
        _observers = observers;
        _sizeOf = sizeOf ?? WireSize.Of;
        _disks = new SimulatedDisks(this, options.CondenseAfter);
        _network = new SimulatedNetwork(options.Network, options.Compute, _time, observers, Deliver);
        _faults = new MachineFaults(_network, NodeAt, Tell);
    }

    /// <inheritdoc />
    public bool LostReturn => true;

    /// <inheritdoc />
    public IShardStore? ShardStore => _disks;

    /// <inheritdoc />
    public ITrainerJournal? Journal => _disks;

    /// <inheritdoc />
    public bool OneThread => true;

    /// <inheritdoc />
    public bool RealTime => false;

    /// <summary>All nodes that have been started.</summary>
    public IEnumerable<NodeId> Nodes => _nodes.Values.Select(node => node.Id);

    /// <summary>The seed of network, machines and faults.</summary>
    public long Seed => _options.Seed;

    /// <inheritdoc />
    public IActorRef Start(NodeId node, Func<Props> props)
    {
        var machine = NodeAt(node);
        machine.Props = props;
        return machine.Actor = _system.ActorOf(props(), node.ToString());
    }

    /// <inheritdoc />
    public IActorRef Link(NodeId from, NodeId to)
    {
        var links = NodeAt(from).Links;
        if (links[to] is not { } link)
        {
            var receiver = NodeAt(to);
            links[to] = link = new LinkRef(this, new Link(NodeAt(from), receiver, _options.Seed), receiver.Path, _system.Provider);
        }

        return link;
    }

    /// <inheritdoc />
    public IActorRef? Trainer => NodeAt(NodeId.Trainer).Actor;

    /// <inheritdoc />
    public ITimedWork WorkOn(NodeId node) => NodeAt(node);

    /// <summary>Tells the observers of a fault.</summary>
    public void Tell(NodeId? node, string what)
    {
        foreach (var observer in _observers)
        {
            observer.Fault(_time.Seconds, node, what);
        }
    }

    /// <inheritdoc />
    public void TellChanged(NodeId? node, string what)
    {
        foreach (var observer in _observers)
        {
            observer.Changed(_time.Seconds, node, what);
        }
    }

    internal void Send(LinkRef link, object message) => _network.Send(link.Way, message, _sizeOf(message));

    private bool Deliver(in Crossing crossing, object? cargo, Action<Crossing> arriving)
    {
        if (NodeAt(crossing.To).Actor is not { } actor)
        {
            return false;
        }

        arriving(crossing);
        actor.Tell(crossing.Message, Link(crossing.To, crossing.From));
        return true;
    }

    private Node NodeAt(NodeId id)
    {
        if (_nodes[id] is not { } node)
        {
            var path = new RootActorPath(_system.Provider.DefaultAddress) / "user" / id.ToString();
            _nodes[id] = node = new Node(this, id, path, new ComputeModel(_options.Compute, id, _workers, _options.Seed));
        }

        return node;
    }

    /// <summary>A machine and its one actor.</summary>
    private sealed class Node(SimulatedWorld world, NodeId id, ActorPath path, ComputeModel model)
        : Machine(world._time, world._observers, id, model)
    {
        public ActorPath Path => path;

        /// <summary>How the node's actor reaches others.</summary>
        public NodeMap<LinkRef> Links { get; } = new();

        public IActorRef? Actor { get; set; }

        public Func<Props>? Props { get; set; }

        public int Incarnation { get; set; }

        public override void Crash()
        {
            base.Crash();
            Actor = null;
        }
    }
}
