using Akka.Actor;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;

namespace TwoTower.Tests.Cluster.Replication;

// While no majority of the cluster is in sight.
public partial class ShardHostSpecs
{
    [Theory]
    [InlineData("none")]
    [InlineData("replica:1")]
    [InlineData("checkpoint:2")]
    public void Without_a_majority_in_sight_a_push_waits_and_nothing_is_applied_while_pulls_go_on(string durability)
    {
        Assert.True(Durability.TryParse(durability, out var kept));
        var blueprint = SmallReplica.Blueprint("asp", kept);
        _store = kept.Every is null ? null : new MemoryStore();
        StartServers(blueprint, "a", "b");
        var host = StartHost(blueprint, "a", "a", "b");
        Push(host, 0, 4);

        _majority = false;
        host.Tell(SmallReplica.Push(4), TestActor);
        host.Tell(SmallReplica.Pull(5), TestActor);
        FishForMessage<ParameterProtocol.Rows>(rows => rows.Ticket == 5, Limit);
        AwaitAssert(() =>
        {
            lock (_said)
            {
                Assert.Single(_said, text => text.Contains("no majority", StringComparison.Ordinal));
            }
        }, Limit);
        Assert.Equal(4, Applied(host));

        _majority = true;
        Assert.Equal(4, FishForMessage<ParameterProtocol.PushAck>(_ => true, Limit).Batch.Number);
        Push(host, 5, 8);
        HasWhatAnUndisturbedShardHas(host, blueprint, pushes: 8);
    }

    [Fact]
    public void That_a_standby_is_given_up_lets_no_answer_go_while_no_majority_is_in_sight()
    {
        var blueprint = SmallReplica.Blueprint("asp", Durability.Replica(1));
        StartServers(blueprint, "a", "b");
        var gate = Sys.ActorOf(Props.Create(() => new Gate(_servers["b"].Standby)));
        _servers["b"] = (_servers["b"].Standby, gate);
        var host = StartHost(blueprint, "a", "a", "b");
        Push(host, 0, 1);
        gate.Tell(Gate.Close);
        host.Tell(SmallReplica.Push(1), TestActor);
        Assert.Equal(2, Applied(host));

        _majority = false;
        Change(host, "a");
        Assert.Equal(2, Applied(host)); // by now the standby has been given up
        ExpectNoMsg(TimeSpan.FromMilliseconds(300));

        _majority = true;
        Assert.Equal(1, ExpectMsg<ParameterProtocol.PushAck>(Limit).Batch.Number);
    }
}
