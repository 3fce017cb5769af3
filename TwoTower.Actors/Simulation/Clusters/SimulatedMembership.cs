using Akka.Actor;
using TwoTower.Actors.Hosting.Membership;

namespace TwoTower.Actors.Simulation.Clusters;

/// <summary>The modelled membership as the actors of one node see it.</summary>
/// <param name="life">The node.</param>
/// <param name="times">How long is waited for what.</param>
internal sealed class SimulatedMembership(NodeLife life, ClusterTimes times) : IMembership
{
    private readonly List<IActorRef> _subscribers = [];
    private readonly List<Action> _whenUp = [];
    private readonly List<Action> _changed = [];
    private readonly SortedDictionary<string, Peer> _told = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, double> _lost = new(StringComparer.Ordinal);
    private SortedSet<string> _unreachable = new(StringComparer.Ordinal);
    private GossipState _state = new();
    private IReadOnlyList<GossipedPeer> _seen = [];

    public string Name => life.Name;

    public string Address => life.Peer.Address;

    public TimeSpan RemovalMargin => TimeSpan.FromSeconds(times.RemovalMargin);

    public IReadOnlyList<Peer> Members => [.. _state.Members.Select(member => member.Peer)];

    /// <summary>When the last member of a role that was older than this node was removed, as far as this node
    /// has seen it; −∞ when none was.</summary>
    public double LostSince(string role) => _lost.GetValueOrDefault(role, double.NegativeInfinity);

    /// <summary>The node's knowledge is this from now on.</summary>
    public void Begin(GossipState state) => _state = state;

    /// <summary>Whether somebody has let the node in, and it has not been given up since.</summary>
    public bool IsLetIn => _state[life.Name] is { Peer.Status: < PeerStatus.Down };

    /// <summary>Whether the node itself is up.</summary>
    public bool IsUp => _state[life.Name] is { Peer.Status: PeerStatus.Up or PeerStatus.Leaving };

    /// <summary>Whether a node is known to be no member any more: then nothing passes between it and this one.</summary>
    public bool HasRemoved(string name) => _state[name] is { Peer.Status: PeerStatus.Removed };

    /// <summary>The member of a role that came up first, of those that take part and are not about to be gone.</summary>
    public Peer? OldestOf(string role) =>
        _state.Members.Where(member => member.HasBeenUp && (member.Peer.Status is PeerStatus.Up or PeerStatus.Leaving)
        && member.Peer.Has(role)).MinBy(member => (member.UpNumber, member.Peer.Name))?.Peer;

    /// <summary>Members of a role that are older than this node and on their way out: what they have may still be at work.</summary>
    public IEnumerable<Peer> OlderOnesThatGo(string role) =>
        _state.Members.Where(member => member.Peer.Status is PeerStatus.Exiting or PeerStatus.Down && IsOlder(member)
        && member.Peer.Has(role)).Select(member => member.Peer);

    /// <summary>Whether heartbeats reach a member.</summary>
    public bool Reaches(string name) => !_state.Unreachable.Contains(name);

    public void Subscribe(IActorRef subscriber)
    {
        _subscribers.Add(subscriber);
        subscriber.Tell(new MembersAre(Members, [.. _state.Members.Where(member => _state.Unreachable.Contains(member.Peer.Name))
            .Select(member => member.Peer)]));
    }

    /// <summary>Calls back after every change, for the modelled parts of the node.</summary>
    public void WhenChanged(Action action) => _changed.Add(action);

    public void WhenUp(Action action)
    {
        if (IsUp)
        {
            action();
        }
        else
        {
            _whenUp.Add(action);
        }
    }

    public ICanTell ActorOn(Peer peer, string name) => life.Named(peer.Name, name);

    public bool LivesOn(IActorRef actor, Peer peer) => life.HomeOf(actor) is { } home && home.Peer.Address == peer.Address;

    /// <summary>A connection has broken.</summary>
    public void Disconnect(string address) => Tell(new PeerDisconnected(address));

    /// <summary>The node has no part in the cluster any more: to its actors everybody is removed, as Akka has it.</summary>
    public void Close()
    {
        _state = new GossipState();
        (_seen, _unreachable) = (_state.Members, []);
        foreach (var gone in _told.Values.ToArray())
        {
            _told.Remove(gone.Name);
            Tell(new PeerChanged(gone with { Status = PeerStatus.Removed }));
            life.Forget(gone.Name);
        }
    }

    /// <summary>Tells of what has changed since.</summary>
    public void Publish()
    {
        if (ReferenceEquals(_seen, _state.Members))
        {
            return;
        }

        _seen = _state.Members;
        var changed = false;
        foreach (var member in _seen)
        {
            if (!_told.TryGetValue(member.Peer.Name, out var before) || before.Status != member.Peer.Status)
            {
                _told[member.Peer.Name] = member.Peer;
                changed = true;
                if (member.Peer.Status == PeerStatus.Down)
                {
                    life.TellDowned(member.Peer); // who is told may count on it no more
                }

                Tell(new PeerChanged(member.Peer));
                if (member.Peer.Status == PeerStatus.Up)
                {
                    life.TellUp(member.Peer);
                }
            }
        }

        foreach (var gone in _told.Values.Where(told => HasRemoved(told.Name)).ToArray())
        {
            _told.Remove(gone.Name);
            changed = true;
            if (_state[gone.Name] is { } member && IsOlder(member))
            {
                foreach (var role in gone.Roles)
                {
                    _lost[role] = life.Seconds;
                }
            }

            Tell(new PeerChanged(gone with { Status = PeerStatus.Removed }));
            life.Forget(gone.Name);
            life.TellRemoved(gone);
        }

        var unreachable = new SortedSet<string>(_state.Unreachable, StringComparer.Ordinal);
        foreach (var lost in unreachable.Except(_unreachable).ToArray())
        {
            if (_state[lost] is { } member)
            {
                Tell(new PeerUnreachable(member.Peer));
            }
        }

        changed |= !unreachable.SetEquals(_unreachable);
        _unreachable = unreachable;
        if (IsUp)
        {
            foreach (var action in _whenUp)
            {
                action();
            }

            _whenUp.Clear();
        }

        if (changed)
        {
            _changed.ForEach(action => action());
        }
    }

    private bool IsOlder(GossipedPeer member) => member.HasBeenUp && _state[life.Name] is { HasBeenUp: true } self
        && (member.UpNumber, member.Peer.Name).CompareTo((self.UpNumber, self.Peer.Name)) < 0;

    private void Tell(object message)
    {
        foreach (var subscriber in _subscribers)
        {
            subscriber.Tell(message);
        }
    }
}
