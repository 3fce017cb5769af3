using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit.Xunit2;
using TwoTower.Actors.Cluster;
using TwoTower.Actors.Hosting.Replication;
using TwoTower.Actors.Options;

namespace TwoTower.Tests.Cluster.Replication;

/// <summary>Who the servers are, in a cluster of several actor systems in one process.</summary>
public class ServerWatchSpecs() : TestKit(ClusterSettings("server"), "watched")
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    [Fact]
    public async Task Servers_are_told_as_they_come_and_go_each_with_the_way_to_its_standby_and_no_others()
    {
        var blueprint = SmallReplica.Blueprint("asp", Durability.Replica(1));
        var here = Akka.Cluster.Cluster.Get(Sys);
        here.Join(here.SelfAddress);
        var own = AkkaMembership.NameOf(here.SelfUniqueAddress);
        Sys.ActorOf(StandbyActor.Props(own, blueprint), StandbyActor.Name);
        Sys.ActorOf(ServerWatch.Props(new AkkaMembership(Sys), "server"), "servers").Tell(ServerWatch.Subscribe.Instance, TestActor);
        Assert.Equal([own], Names(FishForMessage<ServersChanged>(changed => changed.Servers.Count == 1, Limit)));

        using var server = ActorSystem.Create("watched", ClusterSettings("server"));
        using var worker = ActorSystem.Create("watched", ClusterSettings("worker"));
        var (there, apart) = (Akka.Cluster.Cluster.Get(server), Akka.Cluster.Cluster.Get(worker));
        var other = AkkaMembership.NameOf(there.SelfUniqueAddress);
        server.ActorOf(StandbyActor.Props(other, blueprint), StandbyActor.Name);
        await apart.JoinAsync(here.SelfAddress).WaitAsync(Limit);
        await there.JoinAsync(here.SelfAddress).WaitAsync(Limit);

        var both = FishForMessage<ServersChanged>(changed => changed.Servers.Count == 2, Limit);
        Assert.Equal(new[] { own, other }.Order(StringComparer.Ordinal), Names(both));

        // One that leaves still has what it holds, and is asked for it until it is gone.
        await there.LeaveAsync().WaitAsync(Limit);
        FishForMessage<ServersChanged>(changed => changed.Servers is [var first, var second] && first.Leaving != second.Leaving, Limit);
        Assert.Equal([own], Names(FishForMessage<ServersChanged>(changed => changed.Servers.Count == 1, Limit)));
        await server.Terminate().WaitAsync(Limit);
        await worker.Terminate().WaitAsync(Limit);
    }

    private static IEnumerable<string> Names(ServersChanged changed) => changed.Servers.Select(server => server.Name);

    private static Config ClusterSettings(string role) => ConfigurationFactory.ParseString($$"""
        akka {
          loglevel = ERROR, stdout-loglevel = OFF, loggers = [], log-dead-letters = off
          actor.provider = cluster
          remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
          cluster { roles = [{{role}}], run-coordinated-shutdown-when-down = off, gossip-interval = 100ms, leader-actions-interval = 100ms }
        }
        """);
}
