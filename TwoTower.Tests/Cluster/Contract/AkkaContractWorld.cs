using System.Collections.Immutable;
using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Akka.Remote;
using TwoTower.Actors.Cluster;
using TwoTower.Actors.Ids;

namespace TwoTower.Tests.Cluster.Contract;

/// <summary>Actor systems of this process over loopback, with production's configuration.</summary>
internal sealed class AkkaContractWorld : IContractWorld
{
    /// <summary>Seconds that nothing here takes, on a busy machine either.</summary>
    private const double Limit = 60;

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Dictionary<NodeId, ActorSystem> _systems = [];
    private readonly Dictionary<NodeId, int> _lives = [];
    private readonly HashSet<NodeId> _leaving = [];

    public AkkaContractWorld() => Diary = new Diary(() => _clock.Elapsed.TotalSeconds);

    public Diary Diary { get; }

    public ContractNode Start(NodeId id)
    {
        var role = $"{id.Role}".ToLowerInvariant();
        var port = _systems.TryGetValue(id, out var before) ? AddressOf(before).Port : 0;
        var seeds = _systems.Where(node => node.Key != id && !HasEnded(node.Key) && !_leaving.Contains(node.Key))
            .Select(node => AddressOf(node.Value)).ToImmutableList();
        var system = ActorSystem.Create(ClusterHosting.SystemName, ConfigurationFactory.ParseString($$"""
            akka {
              remote.dot-netty.tcp { hostname = "127.0.0.1", port = {{port ?? 0}} }
              cluster.roles = [{{role}}]
              loggers = []
              stdout-loglevel = OFF
              log-dead-letters = off
            }
            """).WithFallback(ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "cluster.hocon")))));
        _systems[id] = system;
        var life = _lives[id] = _lives.GetValueOrDefault(id) + 1;
        system.ActorOf(Props.Create(() => new OutcastActor()), "outcast");
        var node = ContractNode.Start(life == 1 ? $"{id}" : $"{id}.{life}", new AkkaNodeHost(system), [role], Diary);
        var cluster = Akka.Cluster.Cluster.Get(system);
        if (seeds.Count == 0)
        {
            cluster.Join(cluster.SelfAddress);
        }
        else
        {
            cluster.JoinSeedNodes(seeds);
        }

        return node;
    }

    /// <summary>Remoting goes first: actors that are stopped say so to those who watch them, and what is killed says nothing.</summary>
    public async Task KillAsync(params NodeId[] ids)
    {
        await Task.WhenAll(ids.Select(id => ((IRemoteActorRefProvider)((ExtendedActorSystem)_systems[id]).Provider).Transport.Shutdown()));
        await Task.WhenAll(ids.Select(id => _systems[id].Terminate()));
    }

    public void Leave(NodeId id)
    {
        _leaving.Add(id);
        _ = CoordinatedShutdown.Get(_systems[id]).Run(CoordinatedShutdown.ClusterLeavingReason.Instance);
    }

    public bool HasEnded(NodeId id) => _systems[id].WhenTerminated.IsCompleted;

    public async Task UntilAsync(Func<bool> condition, string what)
    {
        var end = _clock.Elapsed.TotalSeconds + Limit;
        while (!condition())
        {
            Assert.True(_clock.Elapsed.TotalSeconds < end, $"{what}: has not come about within {Limit} s.\n{Diary}");
            await Task.Delay(5);
        }
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(_systems.Values.Select(system => system.Terminate()));

    private static Address AddressOf(ActorSystem system) => ((ExtendedActorSystem)system).Provider.DefaultAddress;
}
