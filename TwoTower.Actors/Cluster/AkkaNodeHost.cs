using System.Security.Cryptography;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using TwoTower.Actors.Hosting.Membership;
using TwoTower.Actors.Hosting.Nodes;
using TwoTower.Actors.Hosting.Replication;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Work;

namespace TwoTower.Actors.Cluster;

/// <summary>A node of a cluster of Akka's.</summary>
/// <param name="system">The node's actor system.</param>
internal sealed class AkkaNodeHost(ActorSystem system) : INodeHost
{
    private const string SingletonName = "one";

    /// <inheritdoc />
    public IMembership Membership { get; } = new AkkaMembership(system);

    /// <inheritdoc />
    public ITimedWork Work => RealTimeWork.Instance;

    /// <inheritdoc />
    public bool RealTime => true;

    /// <inheritdoc />
    public double Seconds => system.Scheduler.MonotonicClock.TotalSeconds;

    /// <inheritdoc />
    public IActorRef Region => ClusterSharding.Get(system).ShardRegion(ShardRouting.Region);

    /// <inheritdoc />
    public string NewName() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <inheritdoc />
    public long NewLife() => ShardHostBlueprint.DrawLife();

    /// <inheritdoc />
    public IActorRef Start(Props props, string name) => system.ActorOf(props, name);

    /// <inheritdoc />
    public void StartSingleton(string name, string role, Props props) => system.ActorOf(
        ClusterSingletonManager.Props(props, PoisonPill.Instance, ClusterSingletonManagerSettings.Create(system)
            .WithSingletonName(SingletonName).WithRole(role)
            .WithRemovalMargin(system.Settings.Config.GetTimeSpan("akka.cluster.split-brain-resolver.stable-after"))), name);

    /// <inheritdoc />
    public IActorRef Proxy(string name, string role) => system.ActorOf(
        ClusterSingletonProxy.Props($"/user/{name}", ClusterSingletonProxySettings.Create(system).WithSingletonName(SingletonName)
            .WithRole(role)), $"{name}-proxy");

    /// <inheritdoc />
    public void StartRegion(string role, Func<ShardId, Props> shard, object handOff) => ClusterSharding.Get(system).Start(
        ShardRouting.Region, entity => shard(ShardRouting.ShardOf(entity)), ClusterShardingSettings.Create(system).WithRole(role),
        new ShardRouting(),
        ShardAllocationStrategy.LeastShardAllocationStrategy(absoluteLimit: 1, relativeLimit: 1), handOff);

    /// <inheritdoc />
    public void StartRegionProxy(string role) => ClusterSharding.Get(system).StartProxy(ShardRouting.Region, role, new ShardRouting());
}
