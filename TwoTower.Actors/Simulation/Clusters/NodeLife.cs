using Akka.Actor;
using Akka.Dispatch.SysMsg;
using TwoTower.Actors.Hosting.Membership;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Simulation.Compute;
using TwoTower.Model;

namespace TwoTower.Actors.Simulation.Clusters;

/// <summary>One life of a node, as a process is one: everything on it begins with it and ends with it.</summary>
internal sealed partial class NodeLife
{
    private readonly ClusterWorld _world;
    private readonly Dictionary<string, IActorRef> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<IActorRef, RemoteRef> _remotes = [];
    private readonly List<(RemoteRef Watched, IActorRef Watcher)> _watches = [];
    private readonly List<IActorRef> _singletons = [];
    private readonly ClusterTimes _times;
    private IActorContext? _context;
    private IActorRef? _undertaker;
    private SeededRandom _random;
    private long _count;
    private bool _exitConfirmed;
    private bool _shutDown;

    public NodeLife(ClusterWorld world, Machine machine, int number, IReadOnlyList<string> roles, ClusterTimes times, bool founds)
    {
        (_world, Machine, Number, _times, Founds) = (world, machine, number, times, founds);
        Name = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{machine.Id}:1#{number}");
        Peer = new Peer(Name, $"{machine.Id}:1", roles, PeerStatus.Joining);
        _random = new SeededRandom(world.Seed, 5, ((long)machine.Id.Role << 32) | (uint)machine.Id.Index, (long)number << 32);
        Membership = new SimulatedMembership(this, times);
        Host = new SimulatedNodeHost(this, times);
    }

    public Machine Machine { get; }

    public NodeId Node => Machine.Id;

    /// <summary>1, 2, 3, … among the lives of the node.</summary>
    public int Number { get; }

    public string Name { get; }

    public Peer Peer { get; }

    public bool Founds { get; }

    public SimulatedMembership Membership { get; }

    public SimulatedNodeHost Host { get; }

    public bool Alive { get; private set; } = true;

    /// <summary>Whether the node is a member and knows it.</summary>
    public bool IsUp => Membership.IsUp;

    /// <summary>Whether it belongs to a cluster, a member yet or not.</summary>
    public bool IsLetIn => Membership.IsLetIn;

    /// <summary>Whether the node is about to leave.</summary>
    public bool Leaves { get; private set; }

    public double Seconds => _world.Seconds;

    /// <summary>Other nodes that live, to join by.</summary>
    public IReadOnlyList<NodeId> Seeds => _world.Others(Node);

    public ShardHomes Homes => _world.Homes;

    /// <summary>Starts everything; <paramref name="begin"/> is called in the context of the node's root.</summary>
    public void Begin(ActorSystem system, Action begin)
    {
        Root = system.ActorOf(Props.Create(() => new RootActor(this, begin)), $"{Node}.{Number}");
    }

    public IActorRef Root { get; private set; } = ActorRefs.Nobody;

    /// <summary>The process is gone.</summary>
    public void Die(ActorSystem system)
    {
        Alive = false;
        system.Stop(Root);
    }

    /// <summary>The process ends itself.</summary>
    public void EndItself(string why)
    {
        if (Alive)
        {
            _world.EndedItself(this, why);
        }
    }

    /// <summary>The node is no member any more and knows it: its actors hear that nobody is, and soon the process ends.</summary>
    public void ShutDown(string why)
    {
        if (!_shutDown)
        {
            _shutDown = true;
            StopSingletons();
            Membership.Close();
            _world.EndSoon(this, why);
        }
    }

    /// <summary>The node has been given up, and with it what only one may have.</summary>
    public void StopSingletons() => _singletons.ForEach(singleton => singleton.Tell(SingletonManagerActor.Downed.Instance));

    /// <summary>A number above 0 that no other life draws again, for all that anybody will see.</summary>
    public long NextLife() => (long)(_random.NextUInt64() >> 2) + 1;

    /// <summary>1, 2, 3, … in this life.</summary>
    public long Count() => ++_count;

    public IActorRef Start(Props props, string name)
    {
        var actor = _context!.ActorOf(props, name);
        Register(name, actor);
        return actor;
    }

    public void StartSingleton(string name, string role, Props props, double margin)
    {
        var life = this;
        _singletons.Add(Start(Akka.Actor.Props.Create(() => new SingletonManagerActor(life, name, role, props, margin, _times)), name));
    }

    public void Register(string name, IActorRef actor) => _names[name] = actor;

    public IActorRef? Find(string name) => _names.GetValueOrDefault(name);

    /// <summary>An actor that a node has under a name.</summary>
    public ICanTell Named(string life, string name) => new NamedTarget(_world, this, _world.LifeOf(life), name);

    public void SendTo(string life, string name, object message) => Named(life, name).Tell(message, ActorRefs.NoSender);

    public void SendToNode(NodeId node, string name, object message) => _world.SendToNode(this, node, name, message);

    /// <summary>An actor of any node, as this one knows it.</summary>
    public IActorRef? RefFor(IActorRef? actor)
    {
        if (actor is null || actor.IsNobody())
        {
            return actor;
        }

        var (home, target) = actor is RemoteRef remote ? (remote.Home, remote.Target) : (HomeOf(actor), actor);
        if (home is null || home == this)
        {
            return target;
        }

        if (!_remotes.TryGetValue(target, out var known))
        {
            _remotes.Add(target, known = new RemoteRef(_world, this, home, target));
        }

        return known;
    }

    public NodeLife? HomeOf(IActorRef actor) => actor is RemoteRef remote ? remote.Home : _world.HomeOf(actor.Path);

    public void Watch(RemoteRef watched, IActorRef watcher)
    {
        if (!_watches.Any(watch => watch.Watched == watched && watch.Watcher.Equals(watcher)))
        {
            _watches.Add((watched, watcher));
            if (Membership.HasRemoved(watched.Home.Name))
            {
                Bury(watched, addressTerminated: true);
            }
            else
            {
                watched.Home._undertaker?.Tell(watched.Target);
            }
        }
    }

    public void Unwatch(RemoteRef watched, IActorRef watcher) =>
        _watches.RemoveAll(watch => watch.Watched == watched && watch.Watcher.Equals(watcher));

    /// <summary>A node is no member any more: whoever lives there is taken for dead.</summary>
    public void Forget(string name)
    {
        foreach (var watched in _watches.Select(watch => watch.Watched).Where(watched => watched.Home.Name == name).Distinct().ToArray())
        {
            Bury(watched, addressTerminated: true);
        }
    }

    /// <summary>Word has come that an actor elsewhere has ended.</summary>
    public void Bury(IActorRef target)
    {
        if (_remotes.TryGetValue(target, out var watched))
        {
            Bury(watched, addressTerminated: false);
        }
    }

    /// <summary>Whether a majority of the members of a role, as the node sees them, can be spoken with.</summary>
    public bool SeesMajority(string role)
    {
        var members = Membership.Members.Where(member => member.Status is PeerStatus.Up or PeerStatus.Leaving)
            .Where(member => member.Has(role)).ToArray();
        return 2 * members.Count(member => _world.Connects(this, _world.LifeOf(member.Name))) > members.Length;
    }

    /// <summary>Names of the nodes that have a region or a way to it: all members.</summary>
    public IEnumerable<string> Regions() => Membership.Members.Where(member => member.Status is PeerStatus.Up or PeerStatus.Leaving
        && _world.LifeOf(member.Name).Find(RegionActor.Name) is not null).Select(member => member.Name);

    /// <summary>Leaves the cluster: workers finish, shards are handed off, then the node goes.</summary>
    public void Leave()
    {
        var life = this;
        if (Leaves)
        {
            return;
        }

        Leaves = true;
        Start(Akka.Actor.Props.Create(() => new LeaverActor(life)), "leaver");
    }

    public void LeaveMembership() => Find(GossipActor.Name)?.Tell(GossipMessages.Leave.Instance);

    /// <summary>All know that the node goes: singletons stop, and then it says so.</summary>
    public void Exit()
    {
        var life = this;
        Start(Akka.Actor.Props.Create(() => new ExiterActor(life, _singletons)), "exiter");
    }

    /// <summary>What there was on the node has stopped.</summary>
    public void ConfirmExit() => _exitConfirmed = true;

    public bool ExitConfirmed => _exitConfirmed;

    /// <summary>The node tells a person something.</summary>
    public void Say(string text) => _world.Say(this, text);

    /// <summary>For those who look at the world: a member is up.</summary>
    public void TellUp(Peer peer) => _world.TellUp(peer);

    /// <summary>For those who look at the world: a member is taken for lost.</summary>
    public void TellDowned(Peer peer) => _world.TellDowned(peer);

    /// <summary>For those who look at the world: a member is no more.</summary>
    public void TellRemoved(Peer peer) => _world.TellRemoved(peer);

    private void Bury(RemoteRef watched, bool addressTerminated)
    {
        foreach (var watch in _watches.Where(watch => watch.Watched == watched).ToArray())
        {
            _watches.Remove(watch);
            ((IInternalActorRef)watch.Watcher)
                .SendSystemMessage(new DeathWatchNotification(watched, !addressTerminated, addressTerminated));
        }
    }
}
