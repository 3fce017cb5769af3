using Akka.Actor;

namespace TwoTower.Actors.Simulation.Clusters;

/// <summary>What crosses the network of a cluster besides what observers see: from whom, for whom,
/// and the message as it comes out.</summary>
internal sealed class Cargo(NodeLife from, NodeLife? to, Cargo.Address address, IActorRef? sender, Func<object> unpack)
{
    public NodeLife From => from;

    /// <summary>The process that is meant; null is whichever is there.</summary>
    public NodeLife? To => to;

    /// <summary>Whether what observers see was made for them, and is to be given back when they have.</summary>
    public bool Decoded { get; init; }

    public Address For => address;

    public IActorRef? Sender => sender;

    /// <summary>The message; a new one each time, so that a doubled one is two.</summary>
    public object Unpack() => unpack();

    /// <summary>Whom it is for.</summary>
    public abstract record Address;

    public sealed record ToActor(IActorRef Target) : Address;

    public sealed record ToName(string Name) : Address;
}
