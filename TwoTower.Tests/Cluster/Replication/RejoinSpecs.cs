using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit.Xunit2;
using TwoTower.Actors.Cluster;
using TwoTower.Actors.Hosting.Replication;
using TwoTower.Actors.Options;

namespace TwoTower.Tests.Cluster.Replication;

/// <summary>A server that dies and is started again with its address, with the cluster's own settings. Alone on
/// the machine: it measures time.</summary>
[Collection(nameof(Alone))]
public class RejoinSpecs() : TestKit(Settings(0), ClusterName)
{
    private const string ClusterName = "rejoined";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(40);

    [Fact]
    public async Task A_server_that_is_started_again_with_its_address_can_hold_copies_before_Akka_would_ask_a_second_time()
    {
        var blueprint = SmallReplica.Blueprint("asp", Durability.Replica(1));
        var here = Akka.Cluster.Cluster.Get(Sys);
        here.Join(here.SelfAddress);
        Sys.ActorOf(StandbyActor.Props("here", blueprint), StandbyActor.Name);
        Sys.ActorOf(ServerWatch.Props(new AkkaMembership(Sys), "server")).Tell(ServerWatch.Subscribe.Instance, TestActor);
        var first = ActorSystem.Create(ClusterName, Settings(0));
        var port = Akka.Cluster.Cluster.Get(first).SelfAddress.Port!.Value;
        Join(first);
        FishForMessage<ServersChanged>(changed => changed.Servers.Count == 2, s_limit);

        await first.Terminate().WaitAsync(s_limit); // without a word to anybody
        var start = Stopwatch.GetTimestamp();
        using var second = ActorSystem.Create(ClusterName, Settings(port));
        Join(second);
        var name = AkkaMembership.NameOf(Akka.Cluster.Cluster.Get(second).SelfUniqueAddress);
        FishForMessage<ServersChanged>(changed => changed.Servers.Any(server => server.Name == name), s_limit);

        var byItsOwn = ConfigurationFactory.FromResource<Akka.Cluster.Cluster>("Akka.Cluster.Configuration.Cluster.conf")
            .GetTimeSpan("akka.cluster.retry-unsuccessful-join-after");
        Assert.True(Stopwatch.GetElapsedTime(start) < byItsOwn, $"{Stopwatch.GetElapsedTime(start).TotalSeconds} s");
        await second.Terminate().WaitAsync(s_limit);

        void Join(ActorSystem system)
        {
            system.ActorOf(StandbyActor.Props("there", blueprint), StandbyActor.Name);
            Akka.Cluster.Cluster.Get(system).JoinSeedNodes([here.SelfAddress]);
        }
    }

    [Fact]
    public void A_connection_that_breaks_for_a_moment_is_tried_again_before_the_failure_detector_takes_anybody_as_lost()
    {
        var settings = Sys.Settings.Config;
        var gate = settings.GetTimeSpan("akka.remote.retry-gate-closed-for");
        var (interval, pause) = (settings.GetTimeSpan("akka.cluster.failure-detector.heartbeat-interval"),
            settings.GetTimeSpan("akka.cluster.failure-detector.acceptable-heartbeat-pause"));

        Assert.True(gate + (2 * interval) < pause, $"{gate} and {interval} against {pause}");
    }

    private static Config Settings(int port) => ConfigurationFactory.ParseString($$"""
        akka {
          loglevel = ERROR, stdout-loglevel = OFF, loggers = [], log-dead-letters = off
          remote.dot-netty.tcp { hostname = "127.0.0.1", port = {{port}} }
          cluster { roles = [server], run-coordinated-shutdown-when-down = off }
        }
        """).WithFallback(ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "cluster.hocon"))));
}
