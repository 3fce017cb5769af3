using Akka.TestKit;
using Akka.TestKit.Xunit2;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Work;
using TwoTower.Tests.Cluster.Replication;

namespace TwoTower.Tests.ParameterServer;

/// <summary>What a shard's actor remembers of those who speak with it.</summary>
public class ShardActorSpecs : TestKit
{
    [Theory]
    [InlineData("bsp")]
    [InlineData("ssp:2")]
    public void It_remembers_nobody_whose_pushes_have_been_acknowledged(string consistency)
    {
        var shard = ActorOfAsTestActorRef<ParameterShardActor>(ParameterShardActor.Props(
            SmallReplica.Shard, SmallReplica.Blueprint(consistency, Durability.None), null, RealTimeWork.Instance));
        var batch = 0L;
        void PushAs(int workers)
        {
            for (var last = batch + workers; batch < last; batch++)
            {
                shard.Tell(SmallReplica.Push(batch) with { Worker = new WorkerId((int)batch) }, CreateTestProbe());
            }
        }

        PushAs(10);
        var before = Reachable.From(shard.UnderlyingActor);
        PushAs(300);

        Assert.Equal(310, ((ParameterProtocol.PushAck)AskAgain(shard, 309)).Version);
        Assert.InRange(Reachable.From(shard.UnderlyingActor), before - 100, before + 100);
    }

    private object AskAgain(TestActorRef<ParameterShardActor> shard, long batch)
    {
        shard.Tell(SmallReplica.Push(batch), TestActor);
        return ExpectMsg<ParameterProtocol.PushAck>();
    }
}
