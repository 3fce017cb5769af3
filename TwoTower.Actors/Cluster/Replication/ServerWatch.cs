using Akka.Actor;
using Akka.Cluster;

namespace TwoTower.Actors.Cluster.Replication;

/// <summary>A server node and the way to its standby.</summary>
/// <param name="Name">Names one life of the node.</param>
/// <param name="Standby">Its <see cref="StandbyActor"/>.</param>
public sealed record ServerRef(string Name, IActorRef Standby);

/// <summary>The server nodes that are there now. One that cannot be reached is there until the cluster has decided that it is not.</summary>
/// <param name="Servers">In order of name.</param>
public sealed record ServersChanged(IReadOnlyList<ServerRef> Servers) : INoSerializationVerificationNeeded;

/// <summary>Follows the membership of a cluster and tells who asks which server nodes there are, now and whenever that changes.</summary>
/// <remarks>A server counts from the moment at which its standby answers. Nothing is told while one has not answered and may still: a host that starts must not overlook the server that has its shard's
/// copy. One that stays silent (a node that has not been let in yet has no standby) is left out until it answers.</remarks>
public sealed class ServerWatch : ReceiveActor, IWithTimers
{
    private const int Patience = 4;
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(750);
    private readonly string _role;
    private readonly string _standbyPath;
    private readonly SortedDictionary<string, Server> _servers = new(StringComparer.Ordinal);
    private readonly HashSet<IActorRef> _subscribers = [];
    private bool _changed;
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly HashSet<IActorRef> _told = [];

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
            foreach (var member in state.Members.Where(member => member.Status == Akka.Cluster.MemberStatus.Up))
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
        Receive<ClusterEvent.MemberRemoved>(removed => Remove(removed.Member));
        Receive<ClusterEvent.MemberLeft>(leaving => Remove(leaving.Member));
        Receive<ClusterEvent.MemberExited>(exiting => Remove(exiting.Member));
        Receive<ClusterEvent.MemberDowned>(downed => Remove(downed.Member));
        Receive<ClusterEvent.IMemberEvent>(_ => { });
        Receive<ActorIdentity>(OnIdentity);
        Receive<Again>(_ =>
        {
            foreach (var silent in _servers.Values.Where(server => server.Standby is null))
            {
                silent.Rounds++; // by time, not by how often others come and go
            }

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
        if (member.HasRole(_role))
        {
            _servers.TryAdd(NameOf(member.UniqueAddress), new Server(member.Address));
        }
    }

    private void Remove(Member member)
    {
        if (!_servers.Remove(NameOf(member.UniqueAddress)))
        {
            return;
        }

        // Who knows the servers hears at once of one that is lost, whoever else has still to answer.
        foreach (var subscriber in _told)
        {
            subscriber.Tell(Now());
        }

        Tell();
    }

    private void Ask()
    {
        foreach (var (name, server) in _servers.Where(server => server.Value.Standby is null))
        {
            Context.ActorSelection(new RootActorPath(server.Address) + _standbyPath).Tell(new Identify(name));
            if (!Timers.IsTimerActive(nameof(Again)))
            {
                Timers.StartSingleTimer(nameof(Again), Again.Instance, s_again);
            }
        }

        Tell();
    }

    private void OnIdentity(ActorIdentity identity)
    {
        if (identity.Subject is { } standby && identity.MessageId is string name && _servers.TryGetValue(name, out var server) && server.Standby is null)
        {
            server.Standby = standby;
            _changed = true;
            Tell();
        }
    }

    private void Tell()
    {
        if (_servers.Values.Any(server => server.Standby is null && server.Rounds <= Patience))
        {
            return;
        }

        var now = Now();
        foreach (var subscriber in _subscribers.Where(subscriber => _told.Add(subscriber) || _changed))
        {
            subscriber.Tell(now);
        }

        _changed = false;
    }

    private ServersChanged Now() => new([.. _servers.Where(server => server.Value.Standby is not null).Select(server => new ServerRef(server.Key, server.Value.Standby!))]);

    private sealed class Server(Address address)
    {
        public Address Address => address;

        public IActorRef? Standby { get; set; }

        public int Rounds { get; set; }
    }

    private sealed class Again : INoSerializationVerificationNeeded
    {
        public static readonly Again Instance = new();
    }
}
