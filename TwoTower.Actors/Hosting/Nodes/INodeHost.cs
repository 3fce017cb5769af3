using Akka.Actor;
using TwoTower.Actors.Hosting.Membership;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Work;

namespace TwoTower.Actors.Hosting.Nodes;

/// <summary>What a node of a cluster offers to those who live on it. Implemented over Akka's cluster
/// (<c>AkkaNodeHost</c>) and by the simulator.</summary>
internal interface INodeHost
{
    /// <summary>The members as the node sees them.</summary>
    IMembership Membership { get; }

    /// <summary>The machine: what takes time besides messages.</summary>
    ITimedWork Work { get; }

    /// <summary>Whether the node's time is the wall clock's.</summary>
    bool RealTime { get; }

    /// <summary>Seconds by the node's monotonic clock.</summary>
    double Seconds { get; }

    /// <summary>A name that nobody else and no other life of the node has.</summary>
    string NewName();

    /// <summary>A number above 0 that tells a host of a shard from every other.</summary>
    long NewLife();

    /// <summary>Starts an actor that others find under its name (<see cref="IMembership.ActorOn"/>).</summary>
    IActorRef Start(Props props, string name);

    /// <summary>Has exactly one actor of a name among the nodes of a role, which this node is one of. The oldest has it; when that is lost,
    /// the next waits as long as the smaller side of a split network may take to shut itself down.</summary>
    void StartSingleton(string name, string role, Props props);

    /// <summary>The way to such an actor, wherever it is; messages wait while it is nowhere.</summary>
    IActorRef Proxy(string name, string role);

    /// <summary>Takes part in holding shards: each is somewhere among the nodes that do, once.</summary>
    /// <param name="role">The role of those nodes.</param>
    /// <param name="shard">Makes the props of a shard.</param>
    /// <param name="handOff">Is told to a shard that is to move.</param>
    void StartRegion(string role, Func<ShardId, Props> shard, object handOff);

    /// <summary>Opens the way to shards that are held elsewhere.</summary>
    void StartRegionProxy(string role);

    /// <summary>The way to every shard, once it is open; messages wait while their shard moves.</summary>
    IActorRef Region { get; }
}
