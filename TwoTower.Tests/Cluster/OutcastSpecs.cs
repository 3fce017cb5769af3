using Akka.Actor;
using Akka.Remote;
using TwoTower.Actors.Cluster;
using TwoTower.Actors.Hosting.Nodes;
using TwoTower.Tests.Simulation.Clusters;

namespace TwoTower.Tests.Cluster;

/// <summary>A node that its cluster has removed without its knowing.</summary>
public sealed class OutcastSpecs
{
    [Fact]
    public async Task A_node_whose_connections_another_member_refuses_ends_so_that_it_joins_anew()
    {
        await using var cluster = new SmallCluster(SimulatedClusterSpecs.Options("none", epochs: 1));
        var removed = await StartAsync(cluster);

        // Said, not done: all reach each other, so that nothing else ends the node.
        removed.System.EventStream.Publish(new ThisActorSystemQuarantinedEvent(
            Akka.Cluster.Cluster.Get(removed.System).SelfAddress, Akka.Cluster.Cluster.Get(cluster.Trainer.System).SelfAddress));

        var end = await removed.Done.WaitAsync(SmallCluster.Limit);
        Assert.Contains("joins anew", end.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Remoting_tells_a_node_that_another_refuses_its_connections()
    {
        await using var cluster = new SmallCluster(SimulatedClusterSpecs.Options("none", epochs: 1));
        var removed = await StartAsync(cluster);
        var heard = new TaskCompletionSource<ThisActorSystemQuarantinedEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
        removed.System.EventStream.Subscribe(removed.System.ActorOf(Props.Create(() => new Listener(heard))),
            typeof(ThisActorSystemQuarantinedEvent));

        // What Akka does on a node that removes another one; the other is not told.
        var own = Akka.Cluster.Cluster.Get(removed.System).SelfUniqueAddress;
        ((IRemoteActorRefProvider)((ExtendedActorSystem)cluster.Trainer.System).Provider).Quarantine(own.Address, own.Uid);

        var told = await heard.Task.WaitAsync(SmallCluster.Limit);
        Assert.Equal(Akka.Cluster.Cluster.Get(cluster.Trainer.System).SelfAddress, told.RemoteAddress);
    }

    private sealed class Listener : ReceiveActor
    {
        public Listener(TaskCompletionSource<ThisActorSystemQuarantinedEvent> heard) =>
            Receive<ThisActorSystemQuarantinedEvent>(told => heard.TrySetResult(told));
    }

    private static async Task<ClusterTraining> StartAsync(SmallCluster cluster)
    {
        await cluster.StartTrainerAsync([ClusterNode.Server]);
        var joined = await cluster.JoinAsync(ClusterNode.Evaluator);
        var up = new TaskCompletionSource();
        Akka.Cluster.Cluster.Get(joined.System).RegisterOnMemberUp(up.SetResult);
        await up.Task.WaitAsync(SmallCluster.Limit);
        return joined;
    }
}
