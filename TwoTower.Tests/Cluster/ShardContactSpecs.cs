using Akka.Actor;
using Akka.TestKit.Xunit2;
using TwoTower.Actors.Hosting.Nodes;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Tests.Cluster;

public sealed class ShardContactSpecs : TestKit
{
    private static readonly WorkerId Worker = new(3);

    [Fact]
    public void Workers_wait_until_every_shard_has_answered_and_only_the_silent_are_asked_again()
    {
        var (first, second, agent) = (CreateTestProbe(), CreateTestProbe(), CreateTestProbe());
        Sys.ActorOf(ShardContactActor.OfWorkers([first.Ref, second.Ref], Worker, retrySeconds: 0.2, agent.Ref));

        Answer(first, first);
        agent.ExpectNoMsg(TimeSpan.Zero);
        second.ExpectMsg<ParameterProtocol.Pull>();
        Answer(second, second); // asked again, because the first answer is missing

        agent.ExpectMsg<NodeAgent.ShardsFound>();
        first.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void A_shard_whose_host_has_ended_is_looked_for_at_once_and_workers_hear_of_the_next_host()
    {
        var (first, second, agent, host) = (CreateTestProbe(), CreateTestProbe(), CreateTestProbe(), CreateTestProbe());
        Sys.ActorOf(ShardContactActor.OfWorkers([first.Ref, second.Ref], Worker, retrySeconds: 1000, agent.Ref));
        Answer(first, first);
        Answer(second, host);
        agent.ExpectMsg<NodeAgent.ShardsFound>();

        Sys.Stop(host);
        var next = CreateTestProbe();
        Answer(second, next, before: new StateProtocol.Recovered(new ShardId(1), 7, []));

        Assert.Equal(new ShardId(1), agent.ExpectMsg<StateProtocol.Recovered>().Shard);
        first.ExpectNoMsg(TimeSpan.Zero);
        Sys.Stop(next);
        second.ExpectMsg<ParameterProtocol.Pull>();
        agent.ExpectNoMsg(TimeSpan.Zero); // that workers may start is said once
    }

    [Fact]
    public void Whoever_asks_shards_now_and_then_is_told_of_those_that_begin_anew_and_not_of_those_that_begin()
    {
        var (shard, host, next, told) = (CreateTestProbe(), CreateTestProbe(), CreateTestProbe(), CreateTestProbe());
        Sys.ActorOf(ShardContactActor.Of([shard.Ref], retrySeconds: 1000, began => told.Ref.Tell(began)));
        Begin(host);
        told.ExpectNoMsg(TimeSpan.Zero);

        Sys.Stop(host);
        Begin(next);

        Assert.Equal(new ShardId(0), told.ExpectMsg<ShardId>());

        void Begin(Akka.TestKit.TestProbe by)
        {
            var asked = shard.ExpectMsg<StateProtocol.Inquire>();
            shard.Sender.Tell(new StateProtocol.Recovered(asked.Shard, 0, []), by);
            shard.Sender.Tell(new StateProtocol.Standing(asked.Shard, 0, 0, Lacks: false), by);
        }
    }

    /// <summary>A host answers what was asked on the way to its shard, and may say something before.</summary>
    private static void Answer(Akka.TestKit.TestProbe shard, IActorRef host, object? before = null)
    {
        var pull = shard.ExpectMsg<ParameterProtocol.Pull>();
        Assert.Equal((Worker, -1, 0, 0), (pull.Worker, pull.Clock, pull.Users.Count, pull.Items.Count));
        if (before is not null)
        {
            shard.Sender.Tell(before, host);
        }

        shard.Sender.Tell(new ParameterProtocol.Rows(pull.Shard, pull.Worker, pull.Ticket, 0, RowBlock.Rent(RowKeys.Rent(0), 1),
            RowBlock.Rent(RowKeys.Rent(0), 1)), host);
    }
}
