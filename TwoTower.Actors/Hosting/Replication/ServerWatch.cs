using Akka.Actor;
using TwoTower.Actors.Hosting.Membership;

namespace TwoTower.Actors.Hosting.Replication;

/// <summary>The server nodes that are there now. One that cannot be reached is there until the
/// cluster has decided that it is not.</summary>
/// <param name="Servers">In order of name.</param>
internal sealed record ServersChanged(IReadOnlyList<ServerRef> Servers) : INoSerializationVerificationNeeded
{
    /// <summary>Names of those that are about to be there (<see cref="ServerList.Coming"/>).</summary>
    public IReadOnlyList<string> Coming { get; init; } = [];
}

/// <summary>Follows the membership of a cluster and tells who asks which server nodes there are, now and whenever that changes. Whom it
/// waits for before it tells is decided by
/// <see cref="ServerList"/>.</summary>
internal sealed class ServerWatch : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(250);
    private readonly string _role;
    private readonly IMembership _membership;
    private readonly ServerList _list = new();
    private readonly Dictionary<string, Peer> _peers = new(StringComparer.Ordinal);
    private readonly HashSet<IActorRef> _subscribers = [];
    private readonly HashSet<IActorRef> _told = [];
    private IReadOnlyList<string> _coming = [];
    private bool _changed;

    /// <summary>An actor that follows the nodes of a role.</summary>
    /// <param name="membership">The members as the node sees them.</param>
    /// <param name="role">The role of server nodes.</param>
    public ServerWatch(IMembership membership, string role)
    {
        (_membership, _role) = (membership, role);
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
        Receive<MembersAre>(now =>
        {
            foreach (var member in now.Members.Where(member => member.Status is PeerStatus.Up or PeerStatus.Leaving or PeerStatus.Exiting))
            {
                Add(member);
            }

            Ask();
        });
        Receive<PeerChanged>(change => OnChanged(change.Peer));
        Receive<PeerUnreachable>(_ => { });
        Receive<PeerDisconnected>(_ => { });
        Receive<ActorIdentity>(identity =>
        {
            if (identity.MessageId is not string name)
            {
                return;
            }

            if (identity.Subject is not { } standby)
            {
                _list.HasNone(name);
            }
            else if (_list.Answer(name, standby))
            {
                _changed = true;
            }

            TellNews();
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
    public static Props Props(IMembership membership, string role) => Akka.Actor.Props.Create(() => new ServerWatch(membership, role));

    /// <inheritdoc />
    protected override void PreStart() => _membership.Subscribe(Self);

    private void OnChanged(Peer member)
    {
        switch (member.Status)
        {
            case PeerStatus.Up:
                Add(member);
                Ask();
                break;
            case PeerStatus.Leaving or PeerStatus.Exiting:
                Leave(member);
                break;
            case PeerStatus.Down or PeerStatus.Removed:
                Remove(member);
                break;
        }
    }

    private void Add(Peer member)
    {
        if (!member.Has(_role))
        {
            return;
        }

        _peers[member.Name] = member;
        _list.Add(member.Name);
        if (member.Status is PeerStatus.Leaving or PeerStatus.Exiting)
        {
            Leave(member);
        }
    }

    private void Leave(Peer member)
    {
        if (_list.Leave(member.Name))
        {
            TellAtOnce();
        }
    }

    private void Remove(Peer member)
    {
        _peers.Remove(member.Name);
        if (_list.Remove(member.Name))
        {
            TellAtOnce();
        }
    }

    /// <summary>Who knows the servers hears at once of one that goes, whoever else has still to answer.</summary>
    private void TellAtOnce()
    {
        var now = Now();
        _changed = false;
        foreach (var subscriber in _told)
        {
            subscriber.Tell(now);
        }

        Tell();
    }

    /// <summary>Who serves already waits for nobody's word: it hears at once who comes, who has come,
    /// and who is expected no longer.</summary>
    private void TellNews()
    {
        if (_changed || !_list.Coming.SequenceEqual(_coming))
        {
            TellAtOnce();
        }
        else
        {
            Tell();
        }
    }

    private ServersChanged Now() => new(_list.Servers) { Coming = _coming = _list.Coming };

    private void Ask()
    {
        foreach (var name in _list.Silent)
        {
            _membership.ActorOn(_peers[name], StandbyActor.Name).Tell(new Identify(name), Self);
            if (!Timers.IsTimerActive(nameof(Again)))
            {
                Timers.StartSingleTimer(nameof(Again), Again.Instance, s_again);
            }
        }

        TellNews();
    }

    private void Tell()
    {
        if (!_list.Known)
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

    private sealed class Again : INoSerializationVerificationNeeded
    {
        public static readonly Again Instance = new();
    }
}
