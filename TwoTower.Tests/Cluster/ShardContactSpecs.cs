using Akka.Actor;
using Akka.TestKit.Xunit2;
using TwoTower.Actors.Cluster;
using TwoTower.Actors.Protocol;

namespace TwoTower.Tests.Cluster;

public sealed class ShardContactSpecs : TestKit
{
    private static readonly WorkerId Worker = new(3);

    [Fact]
    public void Workers_wait_until_every_shard_has_answered_and_only_the_silent_are_asked_again()
    {
        var (first, second, agent) = (CreateTestProbe(), CreateTestProbe(), CreateTestProbe());
        var contact = Sys.ActorOf(ShardContactActor.Props([first.Ref, second.Ref], Worker, retrySeconds: 0.2, agent.Ref));
        agent.Watch(contact);

        Answer(first);
        agent.ExpectNoMsg(TimeSpan.Zero);
        second.ExpectMsg<ParameterProtocol.Pull>();
        Answer(second); // asked again, because the first answer is missing

        agent.ExpectMsg<NodeAgent.ShardsFound>();
        agent.ExpectTerminated(contact);
        first.ExpectNoMsg(TimeSpan.Zero);
    }

    private static void Answer(Akka.TestKit.TestProbe shard)
    {
        var pull = shard.ExpectMsg<ParameterProtocol.Pull>();
        Assert.Equal((Worker, -1, 0, 0), (pull.Worker, pull.Clock, pull.Users.Count, pull.Items.Count));
        shard.Reply(new ParameterProtocol.Rows(pull.Shard, pull.Worker, pull.Ticket, 0, RowBlock.Rent(RowKeys.Rent(0), 1), RowBlock.Rent(RowKeys.Rent(0), 1)));
    }
}
