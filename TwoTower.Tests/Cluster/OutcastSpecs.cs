using Akka.Actor;
using Akka.Remote;
using TwoTower.Actors.Cluster;
using TwoTower.Tests.Simulation.Clusters;

namespace TwoTower.Tests.Cluster;

/// <summary>A node that its cluster has removed without its knowing.</summary>
public sealed class OutcastSpecs
{
    [Fact]
    public async Task A_node_whose_connections_another_member_refuses_ends_so_that_it_joins_anew()
    {
        await using var cluster = new SmallCluster(SimulatedClusterSpecs.Options("none", epochs: 1));
        await cluster.StartTrainerAsync([ClusterNode.Server]);
        var removed = await cluster.JoinAsync(ClusterNode.Evaluator);
        var up = new TaskCompletionSource();
        Akka.Cluster.Cluster.Get(removed.System).RegisterOnMemberUp(up.SetResult);
        await up.Task.WaitAsync(SmallCluster.Limit);

        // What Akka does on a node that removes another one; the other is not told.
        var own = Akka.Cluster.Cluster.Get(removed.System).SelfUniqueAddress;
        ((IRemoteActorRefProvider)((ExtendedActorSystem)cluster.Trainer.System).Provider).Quarantine(own.Address, own.Uid);

        var end = await removed.Done.WaitAsync(SmallCluster.Limit);
        Assert.Contains("joins anew", end.Failure, StringComparison.Ordinal);
    }
}
