using Akka.Actor;
using Akka.Cluster;
using Akka.Remote;
using TwoTower.Actors.Hosting.Membership;

namespace TwoTower.Actors.Cluster;

/// <summary>Membership as Akka.Cluster keeps it.</summary>
/// <param name="system">A system with the cluster provider.</param>
internal sealed class AkkaMembership(ActorSystem system) : IMembership
{
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(system);

    /// <inheritdoc />
    public string Name => NameOf(_cluster.SelfUniqueAddress);

    /// <inheritdoc />
    public string Address => AddressOf(_cluster.SelfAddress);

    /// <inheritdoc />
    public TimeSpan RemovalMargin => _cluster.DowningProvider.DownRemovalMargin;

    /// <inheritdoc />
    public IReadOnlyList<Peer> Members => [.. _cluster.State.Members.Order().Select(PeerOf)];

    /// <summary>Name of a node's life: a node that is started again at the same address is another member.</summary>
    public static string NameOf(UniqueAddress node) => $"{node.Address}#{(uint)node.Uid}";

    /// <summary>"host:port" of a node.</summary>
    public static string AddressOf(Address address) => $"{address.Host}:{address.Port}";

    /// <inheritdoc />
    public void Subscribe(IActorRef subscriber) =>
        system.ActorOf(Props.Create(() => new Translator(_cluster, subscriber)).WithDispatcher("akka.actor.internal-dispatcher"));

    /// <inheritdoc />
    public void WhenUp(Action action) => _cluster.RegisterOnMemberUp(action);

    /// <inheritdoc />
    public ICanTell ActorOn(Peer peer, string name) => system.ActorSelection(new RootActorPath(AddressOf(peer)) / "user" / name.Split('/'));

    /// <inheritdoc />
    public bool LivesOn(IActorRef actor, Peer peer) => (actor.Path.Address.HasLocalScope ? _cluster.SelfAddress : actor.Path.Address)
        == AddressOf(peer);

    private static Address AddressOf(Peer peer) => Akka.Actor.Address.Parse(peer.Name[..peer.Name.LastIndexOf('#')]);

    private static Peer PeerOf(Member member) => new(NameOf(member.UniqueAddress), AddressOf(member.Address),
        [.. member.Roles.Order(StringComparer.Ordinal)], StatusOf(member.Status));

    private static PeerStatus StatusOf(MemberStatus status) => status switch
    {
        MemberStatus.Up => PeerStatus.Up,
        MemberStatus.Leaving => PeerStatus.Leaving,
        MemberStatus.Exiting => PeerStatus.Exiting,
        MemberStatus.Down => PeerStatus.Down,
        MemberStatus.Removed => PeerStatus.Removed,
        _ => PeerStatus.Joining,
    };

    /// <summary>Tells one subscriber what Akka's events say, and ends with it.</summary>
    private sealed class Translator : ReceiveActor
    {
        private readonly Akka.Cluster.Cluster _cluster;

        public Translator(Akka.Cluster.Cluster cluster, IActorRef subscriber)
        {
            _cluster = cluster;
            Context.Watch(subscriber);
            Receive<Terminated>(_ => Context.Stop(Self));
            Receive<ClusterEvent.CurrentClusterState>(state =>
                subscriber.Tell(new MembersAre([.. state.Members.Order().Select(PeerOf)], [.. state.Unreachable.Order().Select(PeerOf)])));
            Receive<ClusterEvent.IMemberEvent>(change => subscriber.Tell(new PeerChanged(PeerOf(change.Member))));
            Receive<ClusterEvent.UnreachableMember>(lost => subscriber.Tell(new PeerUnreachable(PeerOf(lost.Member))));
            Receive<DisassociatedEvent>(cut => subscriber.Tell(new PeerDisconnected(AkkaMembership.AddressOf(cut.RemoteAddress))));
        }

        protected override void PreStart()
        {
            _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsSnapshot, typeof(ClusterEvent.IMemberEvent),
                typeof(ClusterEvent.UnreachableMember));
            Context.System.EventStream.Subscribe(Self, typeof(DisassociatedEvent));
        }

        protected override void PostStop()
        {
            _cluster.Unsubscribe(Self);
            Context.System.EventStream.Unsubscribe(Self);
        }
    }
}
