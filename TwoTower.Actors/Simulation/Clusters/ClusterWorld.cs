using Akka.Actor;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Hosting.Nodes;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Wire;
using TwoTower.Actors.Simulation.Compute;
using TwoTower.Actors.Simulation.Faults;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Time;
using TwoTower.Actors.Simulation.Worlds;

namespace TwoTower.Actors.Simulation.Clusters;

/// <summary>A cluster in virtual time: nodes as processes of several actors, of production's own classes, over a modelled membership; and
/// the network between nodes.</summary>
/// <remarks>One actor system for all nodes: what tells them apart is whose root an actor is under, and whatever passes between two roots
/// crosses the network as bytes.</remarks>
internal sealed partial class ClusterWorld : IWorld
{
    /// <summary>Bytes of a message that is Akka's own: heartbeats, gossip, questions after actors. They are small
    /// and their sizes decide nothing.</summary>
    private const int SmallMessage = 200;

    private readonly ExtendedActorSystem _system;
    private readonly INodeBody _body;
    private readonly WorldOptions _options;
    private readonly int _workers;
    private readonly VirtualTime _time;
    private readonly IReadOnlyList<IWorldObserver> _observers;
    private readonly NodeMap<ClusterMachine> _machines = new();
    private readonly Dictionary<string, NodeLife> _lives = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeLife> _byRoot = new(StringComparer.Ordinal);
    private readonly SimulatedNetwork _network;
    private readonly MachineFaults _faults;
    private readonly ClusterTimes _times = new();

    /// <summary>A network without nodes: they are started by <see cref="Restart"/>, and the first founds the cluster.</summary>
    /// <param name="system">A system in virtual time.</param>
    /// <param name="options">The world.</param>
    /// <param name="workers">How many workers there are, for the speeds of their machines.</param>
    /// <param name="body">What runs on the nodes.</param>
    /// <param name="observers">Who sees what happens.</param>
    public ClusterWorld(ActorSystem system, WorldOptions options, int workers, INodeBody body, IReadOnlyList<IWorldObserver> observers)
    {
        (_system, _body, _options, _workers, _observers) = ((ExtendedActorSystem)system, body, options, workers, observers);
        _time = VirtualTimeHosting.TimeOf(system);
        _network = new SimulatedNetwork(options.Network, options.Compute, _time, observers, Deliver);
        _faults = new MachineFaults(_network, MachineAt, Tell);
    }

    /// <summary>A cluster that trains.</summary>
    public static ClusterWorld Training(ActorSystem system, ITrainingRun run, WorldOptions options, IReadOnlyList<IWorldObserver> observers)
    {
        var world = new ClusterWorld(system, options, run.Options.Workers, new TrainingBody(run, options), observers);
        foreach (var node in FaultPlan.NodesOf(options.Topology, run.Options.Workers, run.Options.Shards))
        {
            world.StartLife(world.MachineAt(node), founds: node == NodeId.Trainer);
        }

        return world;
    }

    public IActorRefProvider Provider => _system.Provider;

    public long Seed => _options.Seed;

    public double Seconds => _time.Seconds;

    /// <summary>What coordinators of regions keep.</summary>
    public ShardHomes Homes { get; } = new();

    public IEnumerable<NodeId> Nodes => _machines.Values.Select(machine => machine.Id);

    public IActorRef? Trainer => _machines[NodeId.Trainer]?.Life is { Alive: true } life
        ? life.Find($"{NodeActors.Coordinator}/one") : null;

    /// <summary>Other nodes with a process, to join by.</summary>
    public IReadOnlyList<NodeId> Others(NodeId node) =>
        [.. _machines.Values.Where(machine => machine.Id != node && machine.Life is { Alive: true }).Select(machine => machine.Id)];

    public NodeLife LifeOf(string name) => _lives[name];

    /// <summary>The latest process of a node.</summary>
    public NodeLife LifeOn(NodeId node) => MachineAt(node).Life ?? throw new InvalidOperationException($"{node} has never been started.");

    /// <summary>Whose root an actor is under, or null.</summary>
    public NodeLife? HomeOf(ActorPath path)
    {
        while (path.Depth > 2)
        {
            path = path.Parent;
        }

        return _byRoot.GetValueOrDefault(path.Name);
    }

    /// <summary>Whether two processes can speak with each other now.</summary>
    public bool Connects(NodeLife one, NodeLife other) => one == other
        || (one.Alive && other.Alive && !_network.IsCut(one.Node, other.Node) && !_network.IsCut(other.Node, one.Node));

    /// <summary>Sends from one process to another.</summary>
    public void Send(NodeLife from, NodeLife to, Cargo.Address address, object message, IActorRef sender)
    {
        if (!from.Alive)
        {
            (message as IOwnsBuffers)?.Return();
        }
        else if (from.Membership.HasRemoved(to.Name))
        {
            _network.Refuse(
                LinkOf((ClusterMachine)from.Machine, (ClusterMachine)to.Machine), message is WireFrame frame
                    ? WireFormat.Decode(frame.Manifest, frame.Bytes) : message, WireSize.Of(message), sender);
        }
        else
        {
            Send(from, (ClusterMachine)to.Machine, to, address, message, sender);
        }
    }

    /// <summary>Sends from a process to whatever process is on a node when it arrives.</summary>
    public void SendToNode(NodeLife from, NodeId node, string name, object message)
    {
        if (from.Alive)
        {
            Send(from, MachineAt(node), null, new Cargo.ToName(name), message, ActorRefs.NoSender);
        }
    }

    private void Send(NodeLife from, ClusterMachine to, NodeLife? life, Cargo.Address address, object message, IActorRef? sender)
    {
        var link = LinkOf((ClusterMachine)from.Machine, to);
        switch (message)
        {
            case WireFrame frame:
                // Observers see the message that is in it, which is theirs alone.
                _network.Send(link, WireFormat.Decode(frame.Manifest, frame.Bytes), frame.Bytes.Length,
                    new Cargo(from, life, address, sender, () => frame) { Decoded = true }, sender);
                break;
            case EndpointProtocol.Chunk chunk:
                // Its bytes are a piece of an array that goes back to the pool.
                var copy = chunk with { Bytes = chunk.Bytes.ToArray() };
                _network.Send(link, copy, WireFormat.SizeOf(copy), new Cargo(from, life, address, sender, () => copy), sender);
                break;
            case not null when WireFormat.HasForm(message):
                // Two nodes share nothing: what comes out is made from bytes.
                var (manifest, bytes) = (WireFormat.ManifestOf(message), WireFormat.Encode(message));
                _network.Send(link, message, bytes.Length, new Cargo(from, life, address, sender, () => WireFormat.Decode(manifest, bytes)),
                    sender);
                break;
            default:
                _network.Send(link, message!, SmallMessage, new Cargo(from, life, address, sender, () => message!), sender);
                break;
        }
    }

    private bool Deliver(in Crossing crossing, object? cargo, Action<Crossing> arriving)
    {
        var sent = (Cargo)cargo!;
        var life = sent.To ?? MachineAt(crossing.To).Life;
        if (life is not { Alive: true })
        {
            return false;
        }

        if (life.Membership.HasRemoved(sent.From.Name))
        {
            Refuse(life, sent.From);
            return false;
        }

        arriving(crossing);
        if (sent.Decoded)
        {
            (crossing.Message as IOwnsBuffers)?.Return();
        }

        var target = sent.For switch
        {
            Cargo.ToActor actor => actor.Target,
            Cargo.ToName named => life.Find(named.Name),
            _ => null,
        };
        var (message, sender) = (sent.Unpack(), life.RefFor(sent.Sender));
        if (target is not null)
        {
            target.Tell(message is ActorIdentity identity ? new ActorIdentity(identity.MessageId, life.RefFor(identity.Subject))
                : message, sender);
        }
        else if (message is Identify identify)
        {
            sender?.Tell(new ActorIdentity(identify.MessageId, null), ActorRefs.NoSender);
        }

        return true;
    }

    private Link LinkOf(ClusterMachine from, ClusterMachine to) => from.Links[to.Id] ??= new Link(from, to, _options.Seed);

    private ClusterMachine MachineAt(NodeId id) =>
        _machines[id] ??= new ClusterMachine(_time, _observers, id, new ComputeModel(_options.Compute, id, _workers, _options.Seed));

    private void StartLife(ClusterMachine machine, bool founds)
    {
        var roles = machine.Id.Role switch
        {
            NodeRole.Trainer => ClusterNode.Trainer,
            NodeRole.Evaluator => ClusterNode.Evaluator,
            NodeRole.Server => ClusterNode.Server,
            _ => ClusterNode.Worker,
        };
        var life = new NodeLife(this, machine, ++machine.Lives, [roles], _times, founds);
        machine.Life = life;
        _lives.Add(life.Name, life);
        _byRoot.Add($"{life.Node}.{life.Number}", life);
        life.Begin(_system, () =>
        {
            life.Start(Props.Create(() =>
                new GossipActor(life, _times, new Model.SeededRandom(Seed, 6, ((long)machine.Id.Role << 32) | (uint)machine.Id.Index,
                (long)life.Number << 32))), GossipActor.Name);
            _body.Start(life, machine);
        });
    }
}
