using Akka.Actor;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation.Compute;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Time;
using TwoTower.Actors.Training;
using TwoTower.Model;

namespace TwoTower.Actors.Simulation;

/// <summary>Machines and the network between them, in virtual time: every actor lives on a node of its own, and every message between two crosses a link.</summary>
public sealed partial class SimulatedWorld : IDeployment
{
    private readonly ExtendedActorSystem _system;
    private readonly WorldOptions _options;
    private readonly VirtualTime _time;
    private readonly int _workers;
    private readonly IReadOnlyList<IWorldObserver> _observers;
    private readonly NodeMap<Node> _nodes = new();
    private readonly SimulatedDisks _disks;
    private readonly Func<object, long> _sizeOf;
    private readonly bool _ideal;
    private long _messages;

    /// <summary>An empty world.</summary>
    /// <param name="system">A system with <see cref="VirtualTimeHosting.Configuration"/>.</param>
    /// <param name="options">What the world is like.</param>
    /// <param name="workers">Workers in all.</param>
    /// <param name="observers">Who sees what happens.</param>
    /// <param name="sizeOf">Bytes of a message on the wire; null takes the real ones.</param>
    public SimulatedWorld(ActorSystem system, WorldOptions options, int workers, IReadOnlyList<IWorldObserver> observers, Func<object, long>? sizeOf = null)
    {
        _system = (ExtendedActorSystem)system;
        _options = options;
        _time = VirtualTimeHosting.TimeOf(system);
        _workers = workers;
        _observers = observers;
        _sizeOf = sizeOf ?? WireSize.Of;
        _disks = new SimulatedDisks(this);
        _ideal = options.Network.IsIdeal && options.Compute.ShardBytesPerSecond == 0;
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
            var random = new SeededRandom(_options.Seed, 2, ((long)from.Role << 32) | (uint)from.Index, ((long)to.Role << 32) | (uint)to.Index);
            links[to] = link = new LinkRef(this, from, to, NodeAt(to).Path, _system.Provider, random);
        }

        return link;
    }

    /// <summary>The actor of a node; null while it is down.</summary>
    public IActorRef? ActorOn(NodeId node) => NodeAt(node).Actor;

    /// <inheritdoc />
    public ITimedWork WorkOn(NodeId node) => NodeAt(node);

    /// <summary>Tells the observers of a change to the world.</summary>
    public void Tell(NodeId? node, string what)
    {
        foreach (var observer in _observers)
        {
            observer.Fault(_time.Seconds, node, what);
        }
    }

    internal void Send(LinkRef link, object message)
    {
        var crossing = new Crossing(_messages++, link.From, link.To, message, _sizeOf(message));
        foreach (var observer in _observers)
        {
            observer.Sent(_time.Seconds, crossing);
        }

        if (_ideal)
        {
            Deliver(crossing);
            return;
        }

        var network = _options.Network;
        var calm = IsCalm;
        ref var random = ref link.Random;
        if (!calm && network.Loss > 0 && random.NextDouble() < network.Loss)
        {
            Depart(link, crossing); // it is lost on the way, having occupied the sender's interface
            Drop(crossing, "lost");
            return;
        }

        if (IsCut(link.From, link.To))
        {
            Depart(link, crossing);
            Drop(crossing, "partition");
            return;
        }

        if (!calm && network.Duplication > 0 && random.NextDouble() < network.Duplication)
        {
            Transmit(link, crossing with { Message = message is IOwnsBuffers owner ? owner.Copy() : message });
        }

        Transmit(link, crossing);
    }

    private bool IsCalm => _options.Network.CalmAfterSeconds > 0 && _time.Seconds >= _options.Network.CalmAfterSeconds;

    /// <summary>The sender's interface sends one message after the other: when this one is out, in ticks.</summary>
    private double Depart(LinkRef link, in Crossing crossing)
    {
        var sender = NodeAt(link.From);
        return sender.SendFree = Math.Max(_time.Ticks, sender.SendFree) + Occupied(sender, crossing.Bytes);
    }

    /// <summary>When the message is out of the sender's interface, the link takes its time.</summary>
    private void Transmit(LinkRef link, Crossing crossing)
    {
        var network = _options.Network;
        ref var random = ref link.Random;
        var departs = Depart(link, crossing);
        var arrival = (long)Math.Round(departs) + VirtualTime.TicksOf(network.Latency.Draw(ref random) + network.Jitter.Draw(ref random));
        if (network.Reordering == 0 || IsCalm || random.NextDouble() >= network.Reordering)
        {
            arrival = Math.Max(arrival, link.LastArrival);
            link.LastArrival = arrival;
        }

        _time.After(arrival - _time.Ticks, new Arrival(this, crossing, NodeAt(link.From).Crashes, departs));
    }

    private void Arrive(in Crossing crossing, Arrival arrival)
    {
        if (NodeAt(crossing.From).CrashedBetween(arrival.SenderCrashes, arrival.Departs))
        {
            Drop(crossing, "down"); // it still waited in the sender's interface
            return;
        }

        var receiver = NodeAt(crossing.To);
        var occupied = Occupied(receiver, crossing.Bytes);
        if (occupied == 0 && receiver.Receiving == 0)
        {
            Deliver(crossing);
            return;
        }

        receiver.ReceiveFree = Math.Max(_time.Ticks, receiver.ReceiveFree) + occupied;
        receiver.Receiving++;
        arrival.Receive(receiver.Crashes);
        _time.After((long)Math.Round(receiver.ReceiveFree) - _time.Ticks, arrival);
    }

    private void Received(in Crossing crossing, int crashes)
    {
        var receiver = NodeAt(crossing.To);
        if (receiver.Crashes != crashes)
        {
            Drop(crossing, "down"); // it waited in the interface of a machine that crashed
            return;
        }

        receiver.Receiving--;
        Deliver(crossing);
    }

    private void Deliver(in Crossing crossing)
    {
        if (IsCut(crossing.From, crossing.To))
        {
            Drop(crossing, "partition");
        }
        else if (NodeAt(crossing.To).Actor is not { } actor)
        {
            Drop(crossing, "down");
        }
        else
        {
            foreach (var observer in _observers)
            {
                observer.Delivered(_time.Seconds, crossing);
            }

            actor.Tell(crossing.Message, Link(crossing.To, crossing.From));
        }
    }

    private void Drop(in Crossing crossing, string reason)
    {
        foreach (var observer in _observers)
        {
            observer.Dropped(_time.Seconds, crossing, reason);
        }

        (crossing.Message as IOwnsBuffers)?.Return();
    }

    /// <summary>Ticks that a message keeps an interface busy: less than one for a small message, so they are not rounded until something happens.</summary>
    private double Occupied(Node node, long bytes) => TimeSpan.TicksPerSecond
        * ((_options.Network.BytesPerSecond > 0 ? bytes / _options.Network.BytesPerSecond : 0) + (node.Id.Role == NodeRole.Shard ? node.Model.ServiceSecondsOf(bytes) : 0));

    private Node NodeAt(NodeId id)
    {
        if (_nodes[id] is not { } node)
        {
            var path = new RootActorPath(_system.Provider.DefaultAddress) / "user" / id.ToString();
            _nodes[id] = node = new Node(this, id, path, new ComputeModel(_options.Compute, id, _workers, _options.Seed));
        }

        return node;
    }
}
