using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.DistributedData;
using TwoTower.Actors.Hosting.Endpoints;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Tests.Cluster.Wire;

/// <summary>Akka's own messages keep their serializers: a cluster with sharding, a singleton and replicated data
/// works although JSON is refused.</summary>
public class AkkaMessageSpecs
{
    private const string Clustered = """
        akka {
          actor.provider = cluster
          cluster {
            run-coordinated-shutdown-when-down = off
            gossip-interval = 100ms
            leader-actions-interval = 100ms
            min-nr-of-members = 2
            sharding { state-store-mode = ddata, remember-entities = off, retry-interval = 200ms }
            distributed-data { durable.keys = [], gossip-interval = 200ms, notify-subscribers-interval = 50ms }
          }
        }
        """;

    [Fact]
    public async Task A_cluster_with_shards_a_singleton_and_replicated_data_works_and_nothing_of_akkas_is_refused()
    {
        await using var systems = new RemoteSystems();
        var configuration = ConfigurationFactory.ParseString(Clustered).WithFallback(WireHosting.Configuration)
            .WithFallback(ClusterSharding.DefaultConfig())
            .WithFallback(ClusterSingleton.DefaultConfig()).WithFallback(DistributedData.DefaultConfig()).ToString();
        var (first, second) = (systems.Start("cluster", configuration), systems.Start("cluster", configuration));
        foreach (var system in new[] { first, second })
        {
            // brings its serializer, which the other node's first message may need before this one has a region
            ClusterSharding.Get(system);
        }

        var seed = Akka.Cluster.Cluster.Get(first).SelfAddress;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        await Task.WhenAll(Akka.Cluster.Cluster.Get(first).JoinAsync(seed, patience.Token), Akka.Cluster.Cluster.Get(second)
            .JoinAsync(seed, patience.Token));

        // Entities on both nodes answer on both nodes.
        var regions = new[] { first, second }.Select(system => ClusterSharding.Get(system).Start(
            "shards", _ => Props.Create(() => new Acknowledging()), ClusterShardingSettings.Create(system), new ByShard())).ToArray();
        foreach (var (system, region) in new[] { first, second }.Zip(regions))
        {
            var received = new ConcurrentQueue<(object Message, IActorRef Sender)>();
            var inbox = system.ActorOf(Props.Create(() => new RemoteSystems.Inbox(received)));
            await RemoteSystems.Until(
                () =>
                {
                    for (var shard = 0; shard < 6; shard++)
                    {
                        region.Tell(new SnapshotProtocol.Read(new ShardId(shard), 7), inbox);
                    }

                    return received.Select(entry => ((ParameterProtocol.Fence)entry.Message).Shard.Value).Distinct().Count() == 6;
                },
                "answers of all shards");
            Assert.Equal(2, received.Select(entry => entry.Sender.Path.Address).Distinct().Count());
        }

        // A singleton, which lives on the node that is counted as the oldest, is reached from both.
        foreach (var system in new[] { first, second })
        {
            system.ActorOf(ClusterSingletonManager.Props(Props.Create(() => new Acknowledging()), PoisonPill.Instance,
                ClusterSingletonManagerSettings.Create(system)), "trainer");
        }

        foreach (var system in new[] { first, second })
        {
            var proxy = system.ActorOf(ClusterSingletonProxy.Props("/user/trainer", ClusterSingletonProxySettings.Create(system)),
                "trainer-proxy");
            var answer = await proxy.Ask<ParameterProtocol.Fence>(new SnapshotProtocol.Read(new ShardId(5), 7), TimeSpan.FromSeconds(20));
            Assert.Equal(5, answer.Shard.Value);
        }

        // A value that one node writes for all is read on the other.
        var key = new ORSetKey<string>("names");
        var (writer, reader) = (DistributedData.Get(first).Replicator, DistributedData.Get(second).Replicator);
        var written = await writer.Ask<IUpdateResponse>(
            Akka.DistributedData.Dsl.Update(key, ORSet<string>.Empty, new WriteAll(TimeSpan.FromSeconds(10)),
                set => set.Add(Akka.Cluster.Cluster.Get(first), "shard-0")), TimeSpan.FromSeconds(15));
        Assert.True(written.IsSuccessful);
        using var changes = Inbox.Create(second); // it may come after the write: each replicator learns of the other in its own time
        reader.Tell(Akka.DistributedData.Dsl.Subscribe(key, changes.Receiver), ActorRefs.NoSender);
        Assert.Contains("shard-0", ((Changed)await changes.ReceiveAsync(TimeSpan.FromSeconds(15))).Get(key));

        // Identify and watching cross, too.
        var remote = await second.ActorSelection(new RootActorPath(seed) / "user" / "trainer").ResolveOne(TimeSpan.FromSeconds(10));
        Assert.Equal(seed, remote.Path.Address);
        await Akka.Cluster.Cluster.Get(second).LeaveAsync(patience.Token);

        // "Connection refused", of a node that has just left, is the network's word.
        var refused = systems.Complaints.Where(complaint => complaint.Contains("is refused", StringComparison.Ordinal)
            || complaint.Contains("erializ", StringComparison.Ordinal));
        Assert.True(!refused.Any(), string.Join(Environment.NewLine, refused));
    }

    private sealed class Acknowledging : ReceiveActor
    {
        public Acknowledging() =>
            Receive<SnapshotProtocol.Read>(read => Sender.Tell(new ParameterProtocol.Fence(read.Shard, new WorkerId(1), read.Step)));
    }

    private sealed class ByShard : HashCodeMessageExtractor
    {
        public ByShard()
            : base(12)
        {
        }

        public override string EntityId(object message) => message is IWithShardId addressed ? addressed.Shard.ToString() : null!;
    }
}
