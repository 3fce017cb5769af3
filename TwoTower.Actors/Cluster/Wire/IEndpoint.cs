using Akka.Actor;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Cluster.Wire;

/// <summary>What an actor behind an endpoint knows of it: who it is to the world, and how it reaches others.</summary>
public interface IEndpoint
{
    /// <summary>The reference by which others reach the actor.</summary>
    IActorRef Self { get; }

    /// <summary>Another actor as seen from here: what is told to it goes out through the endpoint, in pieces where it is long. Watching it watches the other. Two links to the same target
    /// are equal.</summary>
    /// <param name="target">The other: an endpoint, a singleton's proxy, or a shard region.</param>
    /// <param name="shard">The shard that is meant, where the target is a region. Every message told to such a link names the same shard (<see cref="IWithShardId"/>).</param>
    IActorRef Link(IActorRef target, ShardId? shard = null);
}
