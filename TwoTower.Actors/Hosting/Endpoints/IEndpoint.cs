using Akka.Actor;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Hosting.Endpoints;

/// <summary>What an actor behind an endpoint knows of it: who it is to the world, and how it reaches others.</summary>
internal interface IEndpoint
{
    /// <summary>The reference by which others reach the actor.</summary>
    IActorRef Self { get; }

    /// <summary>Another actor as seen from here: what is told to it goes out through the endpoint, in pieces where it is long. Watching it
    /// watches the other. Two links to the same target are equal.</summary>
    /// <param name="target">The other: an endpoint, a singleton's proxy, or a shard region.</param>
    /// <param name="shard">The shard that is meant, where the target is a region. Every message told to such a link names the same shard
    /// (<see cref="IWithShardId"/>).</param>
    IActorRef Link(IActorRef target, ShardId? shard = null);

    /// <summary>Asks what long messages are on their way to another and from it. The actor behind the endpoint is told
    /// <see cref="EndpointTraffic"/>, which knows of all that it told to links before.</summary>
    /// <param name="link">The way to the other.</param>
    /// <param name="about">Comes back with the answer.</param>
    void AskTraffic(IActorRef link, string about);
}
