using Akka.Actor;

namespace TwoTower.Actors.Hosting.Membership;

/// <summary>The members of a cluster as one node sees them: all that our actors need to know of it.</summary>
internal interface IMembership
{
    /// <summary>Names this life of the node: one that is started again at the same address has another.</summary>
    string Name { get; }

    /// <summary>Where the node is, "host:port".</summary>
    string Address { get; }

    /// <summary>How long whatever was on a member that is removed waits before it starts elsewhere.</summary>
    TimeSpan RemovalMargin { get; }

    /// <summary>The members now, in the order in which the split-brain resolver takes them.</summary>
    IReadOnlyList<Peer> Members { get; }

    /// <summary>Tells an actor <see cref="MembersAre"/>, then every <see cref="PeerChanged"/>, <see cref="PeerUnreachable"/> and
    /// <see cref="PeerDisconnected"/> until it ends.</summary>
    void Subscribe(IActorRef subscriber);

    /// <summary>Calls back once when the node is up, at once when it is already.</summary>
    void WhenUp(Action action);

    /// <summary>The way to an actor that every node of a kind has under a name. Nothing comes of what is told to it where there is none,
    /// but that <see cref="Identify"/> is answered by an
    /// <see cref="ActorIdentity"/> without a subject as long as the node runs.</summary>
    /// <param name="peer">On which node.</param>
    /// <param name="name">Its name, as it was started there.</param>
    ICanTell ActorOn(Peer peer, string name);

    /// <summary>Whether an actor lives on a member.</summary>
    /// <param name="actor">An actor, here or elsewhere.</param>
    /// <param name="peer">The member.</param>
    bool LivesOn(IActorRef actor, Peer peer);
}

/// <summary>How far a member has come.</summary>
internal enum PeerStatus
{
    /// <summary>It asks to take part.</summary>
    Joining,

    /// <summary>It takes part.</summary>
    Up,

    /// <summary>It is about to go.</summary>
    Leaving,

    /// <summary>All know that it goes.</summary>
    Exiting,

    /// <summary>It has been given up.</summary>
    Down,

    /// <summary>It is no member any more.</summary>
    Removed,
}

/// <summary>A member of a cluster.</summary>
/// <param name="Name">Names this life of it.</param>
/// <param name="Address">"host:port".</param>
/// <param name="Roles">What it is there for.</param>
/// <param name="Status">How far it has come.</param>
internal sealed record Peer(string Name, string Address, IReadOnlyList<string> Roles, PeerStatus Status)
{
    /// <summary>Whether it has a role.</summary>
    public bool Has(string role) => Roles.Contains(role, StringComparer.Ordinal);
}

/// <summary>All members, at the moment of subscription.</summary>
/// <param name="Members">In the resolver's order.</param>
/// <param name="Unreachable">Those that heartbeats do not reach.</param>
internal sealed record MembersAre(IReadOnlyList<Peer> Members, IReadOnlyList<Peer> Unreachable) : INoSerializationVerificationNeeded;

/// <summary>A member has come to another status, which it says.</summary>
internal sealed record PeerChanged(Peer Peer) : INoSerializationVerificationNeeded;

/// <summary>Heartbeats do not reach a member any more.</summary>
internal sealed record PeerUnreachable(Peer Peer) : INoSerializationVerificationNeeded;

/// <summary>The connection to a node has broken.</summary>
/// <param name="Address">"host:port".</param>
internal sealed record PeerDisconnected(string Address) : INoSerializationVerificationNeeded;
