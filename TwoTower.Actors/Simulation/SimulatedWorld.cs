using Akka.Actor;
using Akka.Dispatch.SysMsg;
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
public sealed class SimulatedWorld : IDeployment
{
    private readonly ExtendedActorSystem _system;
    private readonly WorldOptions _options;
    private readonly VirtualTime _time;
    private readonly int _workers;
    private readonly IReadOnlyList<IWorldObserver> _observers;
    private readonly NodeMap<Node> _nodes = new();
    private readonly List<(LinkRef Watched, IInternalActorRef Watcher)> _watches = [];
    private readonly SimulatedDisks _disks = new();
    private readonly bool _ideal;
    private long _messages;

    /// <summary>An empty world.</summary>
    /// <param name="system">A system with <see cref="VirtualTimeHosting.Configuration"/>.</param>
    /// <param name="options">What the world is like.</param>
    /// <param name="workers">Workers in all.</param>
    /// <param name="observers">Who sees what happens.</param>
    public SimulatedWorld(ActorSystem system, WorldOptions options, int workers, IReadOnlyList<IWorldObserver> observers)
    {
        _system = (ExtendedActorSystem)system;
        _options = options;
        _time = VirtualTimeHosting.TimeOf(system);
        _workers = workers;
        _observers = observers;
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

    /// <summary>All nodes that have been started.</summary>
    public IEnumerable<NodeId> Nodes => _nodes.Values.Select(node => node.Id);

    /// <summary>Whether a message from one node to another is cut off; null is no partition.</summary>
    public Func<NodeId, NodeId, bool>? Partition { get; set; }

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

    /// <inheritdoc />
    public ITimedWork WorkOn(NodeId node) => NodeAt(node);

    /// <summary>A node's actor is gone at once, with all it knew. Those who watch it are told when the crash is detected.</summary>
    public void Crash(NodeId node)
    {
        var machine = NodeAt(node);
        if (machine.Actor is not { } actor)
        {
            return;
        }

        machine.Actor = null;
        _system.Stop(actor);
        Tell(node, "crash");
        var incarnation = machine.Incarnation;
        _time.After(VirtualTime.TicksOf(_options.DetectionSeconds), new VirtualCall(() =>
        {
            if (machine.Incarnation == incarnation && machine.Actor is null)
            {
                Announce(node);
            }
        }));
    }

    /// <summary>A crashed node starts again, with a new actor that knows only what was kept elsewhere.</summary>
    public void Restart(NodeId node)
    {
        var machine = NodeAt(node);
        if (machine.Actor is null && machine.Props is { } props)
        {
            machine.Incarnation++;
            machine.Actor = _system.ActorOf(props(), $"{node}-{machine.Incarnation}");
            Tell(node, "restart");
        }
    }

    /// <summary>A machine becomes slower by a factor, or as fast as it was at 1.</summary>
    public void Slow(NodeId node, double factor)
    {
        NodeAt(node).Model.Slowdown = factor;
        Tell(node, FormattableString.Invariant($"slow {factor}"));
    }

    /// <summary>Tells the observers of a change to the world.</summary>
    public void Tell(NodeId? node, string what)
    {
        foreach (var observer in _observers)
        {
            observer.Fault(_time.Seconds, node, what);
        }
    }

    internal void Watch(LinkRef watched, IInternalActorRef watcher)
    {
        if (!_watches.Any(watch => watch.Watched == watched && watch.Watcher.Equals(watcher)))
        {
            _watches.Add((watched, watcher));
        }
    }

    internal void Unwatch(LinkRef watched, IInternalActorRef watcher) => _watches.RemoveAll(watch => watch.Watched == watched && watch.Watcher.Equals(watcher));

    internal void Send(LinkRef link, object message)
    {
        var crossing = new Crossing(_messages++, link.From, link.To, message, WireSize.Of(message));
        foreach (var observer in _observers)
        {
            observer.Sent(_time.Seconds, crossing);
        }

        var network = _options.Network;
        if (_ideal)
        {
            Deliver(crossing);
            return;
        }

        ref var random = ref link.Random;
        if (network.Loss > 0 && random.NextDouble() < network.Loss)
        {
            Drop(crossing, "lost");
            return;
        }

        if (network.Duplication > 0 && random.NextDouble() < network.Duplication)
        {
            Transmit(link, crossing with { Message = message is IOwnsBuffers owner ? owner.Copy() : message });
        }

        Transmit(link, crossing);
    }

    /// <summary>The sender's interface sends one message after the other; then the link takes its time.</summary>
    private void Transmit(LinkRef link, Crossing crossing)
    {
        var network = _options.Network;
        var sender = NodeAt(link.From);
        ref var random = ref link.Random;
        sender.SendFree = Math.Max(_time.Ticks, sender.SendFree) + Occupied(sender, crossing.Bytes);
        var arrival = sender.SendFree + VirtualTime.TicksOf(network.Latency.Draw(ref random) + network.Jitter.Draw(ref random));
        if (network.Reordering == 0 || random.NextDouble() >= network.Reordering)
        {
            arrival = Math.Max(arrival, link.LastArrival);
            link.LastArrival = arrival;
        }

        _time.After(arrival - _time.Ticks, new Arrival(this, crossing));
    }

    private void Arrive(in Crossing crossing, Arrival arrival)
    {
        var receiver = NodeAt(crossing.To);
        var occupied = Occupied(receiver, crossing.Bytes);
        if (occupied == 0 && receiver.ReceiveFree <= _time.Ticks)
        {
            Deliver(crossing);
            return;
        }

        receiver.ReceiveFree = Math.Max(_time.Ticks, receiver.ReceiveFree) + occupied;
        _time.After(receiver.ReceiveFree - _time.Ticks, arrival);
    }

    private void Deliver(in Crossing crossing)
    {
        if (Partition is { } cut && cut(crossing.From, crossing.To))
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

    private long Occupied(Node node, long bytes) => VirtualTime.TicksOf(
        (_options.Network.BytesPerSecond > 0 ? bytes / _options.Network.BytesPerSecond : 0) + (node.Id.Role == NodeRole.Shard ? node.Model.ServiceSecondsOf(bytes) : 0));

    private void Announce(NodeId node)
    {
        foreach (var (watched, watcher) in _watches.Where(watch => watch.Watched.To == node).ToArray())
        {
            Unwatch(watched, watcher);
            watcher.SendSystemMessage(new DeathWatchNotification(watched, true, false));
        }
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

    /// <summary>One machine: its actor, its clock speed, its network interface.</summary>
    private sealed class Node(SimulatedWorld world, NodeId id, ActorPath path, ComputeModel model) : ITimedWork
    {
        public NodeId Id => id;

        public ActorPath Path => path;

        /// <summary>How the node's actor reaches others.</summary>
        public NodeMap<LinkRef> Links { get; } = new();

        public ComputeModel Model => model;

        public IActorRef? Actor { get; set; }

        public Func<Props>? Props { get; set; }

        public int Incarnation { get; set; }

        public long SendFree { get; set; }

        public long ReceiveFree { get; set; }

        public void Run(IActorRef to, WorkKind kind, long size, Func<object> work)
        {
            var seconds = model.SecondsOf(world._time.Seconds, kind, size);
            foreach (var observer in world._observers)
            {
                observer.Working(world._time.Seconds, id, kind, size, seconds);
            }

            if (kind == WorkKind.DiskWrite)
            {
                // What is not written when its machine crashes is not on the disk.
                var incarnation = Incarnation;
                world._time.After(VirtualTime.TicksOf(seconds), new VirtualCall(() =>
                {
                    if (Incarnation == incarnation && Actor is not null)
                    {
                        to.Tell(RealTimeWork.Result(work), to);
                    }
                }));
                return;
            }

            // The numbers are worked out now; they are told when the machine would have been done.
            var result = RealTimeWork.Result(work);
            world._time.After(VirtualTime.TicksOf(seconds), new VirtualCall(() => to.Tell(result, to)));
        }
    }

    /// <summary>A message comes in: first it reaches the receiver's interface, then, when that is free, the actor.</summary>
    private sealed class Arrival(SimulatedWorld world, Crossing crossing) : IVirtualEvent
    {
        private bool _reached;

        public void Happen()
        {
            if (_reached)
            {
                world.Deliver(crossing);
            }
            else
            {
                _reached = true;
                world.Arrive(crossing, this);
            }
        }
    }
}
