using Akka.TestKit.Xunit2;
using TwoTower.Actors.Hosting.Replication;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Tests.Cluster;

/// <summary>What a server node says of its shards' copies.</summary>
public sealed class CopiesActorSpecs : TestKit
{
    [Fact]
    public void It_says_what_hosts_have_told_in_the_order_of_shards_and_for_how_long_copies_have_been_lacking()
    {
        var board = new CopyBoard();
        board.Post(new ShardCopies(3, 1, 0), lackingSince: 10);
        board.Post(new ShardCopies(1, 1, 1), lackingSince: null);
        board.Post(new ShardCopies(2, 1, 1), lackingSince: null);
        board.Remove(2);

        Assert.Equal([(1, null), (3, 2.5)], board.At(now: 12.5).Select(shard => (shard.Shard, shard.LackingSeconds)));
        Sys.ActorOf(CopiesActor.Props(board)).Tell(CopiesProtocol.Describe.Instance, TestActor);
        Assert.Equal([1, 3], ExpectMsg<CopiesProtocol.Described>().Shards.Select(shard => shard.Shard));
    }
}
