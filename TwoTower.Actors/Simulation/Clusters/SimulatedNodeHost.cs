using Akka.Actor;
using TwoTower.Actors.Hosting.Membership;
using TwoTower.Actors.Hosting.Nodes;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Work;

namespace TwoTower.Actors.Simulation.Clusters;

/// <summary>What one life of a simulated node offers.</summary>
/// <param name="life">The life.</param>
/// <param name="times">How long is waited for what.</param>
internal sealed class SimulatedNodeHost(NodeLife life, ClusterTimes times) : INodeHost
{
    private IActorRef? _region;

    public IMembership Membership => life.Membership;

    public ITimedWork Work => life.Machine;

    public bool RealTime => false;

    public double Seconds => life.Seconds;

    public IActorRef Region => _region ?? throw new InvalidOperationException($"{life.Name} has no way to shards yet.");

    public string NewName() => life.Name;

    public long NewLife() => life.NextLife();

    public IActorRef Start(Props props, string name) => life.Start(props, name);

    public void StartSingleton(string name, string role, Props props) => life.StartSingleton(name, role, props, times.StableAfter);

    public IActorRef Proxy(string name, string role) => life.Start(Props.Create(() => new SingletonProxyActor(life, name, role, times)),
        $"{name}-proxy");

    public void StartRegion(string role, Func<ShardId, Props> shard, object handOff)
    {
        _region = life.Start(Props.Create(() => new RegionActor(life, times, role, shard, handOff)), RegionActor.Name);
        life.StartSingleton(RegionCoordinatorActor.Name, role, Props.Create(() => new RegionCoordinatorActor(life, times, role)),
            times.RemovalMargin);
    }

    public void StartRegionProxy(string role) => _region = life.Start(Props.Create(() => new RegionActor(life, times, role, null, null)),
        RegionActor.Name);
}
