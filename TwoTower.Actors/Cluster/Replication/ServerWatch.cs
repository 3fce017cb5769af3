using Akka.Actor;
using Akka.Cluster;

namespace TwoTower.Actors.Cluster.Replication;

/// <summary>The server nodes that are there now. One that cannot be reached is there until the cluster has decided that it is not.</summary>
/// <param name="Servers">In order of name.</param>
public sealed record ServersChanged(IReadOnlyList<ServerRef> Servers) : INoSerializationVerificationNeeded;

/// <summary>Follows the membership of a cluster and tells who asks which server nodes there are, now and whenever that changes. Whom it waits for before it tells is decided by
/// <see cref="ServerList"/>.</summary>
public sealed class ServerWatch : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(750);
    private readonly string _role;
    private readonly string _standbyPath;
    private readonly ServerList _list = new();
    private readonly Dictionary<string, Address> _addresses = new(StringComparer.Ordinal);
    private readonly HashSet<IActorRef> _subscribers = [];
    private readonly HashSet<IActorRef> _told = [];
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private bool _changed;

    /// <summary>An actor that follows the nodes of a role.</summary>
    /// <param name="role">The role of server nodes.</param>
    /// <param name="standbyPath">Where every server node has its standby, for example <c>/user/standby</c>.</param>
    public ServerWatch(string role, string standbyPath)
    {
        (_role, _standbyPath) = (role, standbyPath);
        Receive<Subscribe>(_ =>
        {
            _subscribers.Add(Sender);
            Context.Watch(Sender);
            Tell();
        });
        Receive<Terminated>(gone =>
        {
            _subscribers.Remove(gone.ActorRef);
            _told.Remove(gone.ActorRef);
        });
        Receive<ClusterEvent.CurrentClusterState>(state =>
        {
            foreach (var member in state.Members.Where(member => member.Status is MemberStatus.Up or MemberStatus.Leaving or MemberStatus.Exiting))
            {
                Add(member);
            }

            Ask();
        });
        Receive<ClusterEvent.MemberUp>(up =>
        {
            Add(up.Member);
            Ask();
        });
        Receive<ClusterEvent.MemberLeft>(leaving => Leave(leaving.Member));
        Receive<ClusterEvent.MemberExited>(exiting => Leave(exiting.Member));
        Receive<ClusterEvent.MemberDowned>(downed => Remove(downed.Member));
        Receive<ClusterEvent.MemberRemoved>(removed => Remove(removed.Member));
        Receive<ClusterEvent.IMemberEvent>(_ => { });
        Receive<ActorIdentity>(identity =>
        {
            if (identity.Subject is { } standby && identity.MessageId is string name && _list.Answer(name, standby))
            {
                _changed = true;
                Tell();
            }
        });
        Receive<Again>(_ =>
        {
            _list.Round();
            Ask();
        });
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Asks for <see cref="ServersChanged"/>, as soon as it is known and from then on.</summary>
    public sealed class Subscribe : INoSerializationVerificationNeeded
    {
        /// <summary>It has no content.</summary>
        public static Subscribe Instance { get; } = new();
    }

    /// <summary>Props of the actor.</summary>
    public static Props Props(string role, string standbyPath = "/user/" + StandbyActor.Name) => Akka.Actor.Props.Create(() => new ServerWatch(role, standbyPath));

    /// <summary>Name of a node's life: a node that is started again at the same address is another server.</summary>
    public static string NameOf(UniqueAddress node) => $"{node.Address}#{(uint)node.Uid}";

    /// <inheritdoc />
    protected override void PreStart() => _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsSnapshot, typeof(ClusterEvent.IMemberEvent));

    /// <inheritdoc />
    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void Add(Member member)
    {
        if (!member.HasRole(_role))
        {
            return;
        }

        var name = NameOf(member.UniqueAddress);
        _addresses[name] = member.Address;
        _list.Add(name);
        if (member.Status is MemberStatus.Leaving or MemberStatus.Exiting)
        {
            Leave(member);
        }
    }

    private void Leave(Member member)
    {
        if (_list.Leave(NameOf(member.UniqueAddress)))
        {
            TellAtOnce();
        }
    }

    private void Remove(Member member)
    {
        _addresses.Remove(NameOf(member.UniqueAddress));
        if (_list.Remove(NameOf(member.UniqueAddress)))
        {
            TellAtOnce();
        }
    }

    /// <summary>Who knows the servers hears at once of one that goes, whoever else has still to answer.</summary>
    private void TellAtOnce()
    {
        var now = new ServersChanged(_list.Servers);
        foreach (var subscriber in _told)
        {
            subscriber.Tell(now);
        }

        Tell();
    }

    private void Ask()
    {
        foreach (var name in _list.Silent)
        {
            Context.ActorSelection(new RootActorPath(_addresses[name]) + _standbyPath).Tell(new Identify(name));
            if (!Timers.IsTimerActive(nameof(Again)))
            {
                Timers.StartSingleTimer(nameof(Again), Again.Instance, s_again);
            }
        }

        Tell();
    }

    private void Tell()
    {
        if (!_list.Known)
        {
            return;
        }

        var now = new ServersChanged(_list.Servers);
        foreach (var subscriber in _subscribers.Where(subscriber => _told.Add(subscriber) || _changed))
        {
            subscriber.Tell(now);
        }

        _changed = false;
    }

    private sealed class Again : INoSerializationVerificationNeeded
    {
        public static readonly Again Instance = new();
    }
}
