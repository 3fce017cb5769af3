using CsCheck;
using TwoTower.Actors.Hosting.Replication;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using static TwoTower.Actors.Protocol.ReplicaProtocol;

namespace TwoTower.Tests.Cluster.Replication;

public class StandbySpecs
{
    private static readonly ShardBlueprint s_blueprint = SmallReplica.Blueprint("bsp", Durability.Replica(1));
    private static readonly Term s_first = new(1, 5);
    private static readonly Term s_second = new(2, 6);
    private readonly StandbyShard _standby = new(SmallReplica.Shard, s_blueprint, "b");

    [Fact]
    public void Operations_in_any_order_and_more_than_once_leave_what_the_shard_itself_has() =>
        Gen.Int[0, 1_000_000].Sample(
            seed =>
            {
                var standby = new StandbyShard(SmallReplica.Shard, s_blueprint, "b");
                standby.Receive(new Install(SmallReplica.Shard, s_first, 0, null));
                var random = new Random(seed);
                var sent = Enumerable.Range(0, 30).SelectMany(n => Enumerable.Repeat(n, 1 + random.Next(2)))
                    .OrderBy(_ => random.Next()).ToArray();
                foreach (var n in sent)
                {
                    standby.Receive(new Operation(SmallReplica.Shard, s_first, n + 1, SmallReplica.Push(n)));
                }

                var held = (Held)standby.Receive(new Recall(SmallReplica.Shard, s_second, WithRecord: true))!;
                Assert.Equal((s_first, 30L), (held.Term, held.Sequence));
                Assert.Equal(SmallReplica.Describe(SmallReplica.Undisturbed(s_blueprint, 30).Save(unacknowledged: true)),
                    SmallReplica.Describe(held.Record!));
            },
            iter: 50);

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    public void A_copy_that_is_given_in_the_middle_of_a_round_goes_on_to_the_same_bits(int at)
    {
        _standby.Receive(new Install(SmallReplica.Shard, s_first, at, SmallReplica.Undisturbed(s_blueprint, at)
            .Save(unacknowledged: true)));
        for (var n = at; n < 20; n++)
        {
            _standby.Receive(new Operation(SmallReplica.Shard, s_first, n + 1, SmallReplica.Push(n)));
        }

        var held = (Held)_standby.Receive(new Recall(SmallReplica.Shard, s_second, WithRecord: true))!;
        var expected = SmallReplica.Undisturbed(s_blueprint, 20).Export(20);
        var state = new ShardState(SmallReplica.Shard, s_blueprint);
        state.Restore(held.Record!);
        Assert.Equal(SmallReplica.Describe(expected), SmallReplica.Describe(state.Export(20)));
    }

    [Fact]
    public void After_a_recall_everything_of_a_lower_term_is_refused_and_changes_nothing()
    {
        _standby.Receive(new Install(SmallReplica.Shard, s_first, 0, null));
        _standby.Receive(new Recall(SmallReplica.Shard, s_second, WithRecord: false));

        Assert.Equal(new Refused(SmallReplica.Shard, s_second, "b"),
            _standby.Receive(new Operation(SmallReplica.Shard, s_first, 1, SmallReplica.Push(0))));
        Assert.Equal(new Refused(SmallReplica.Shard, s_second, "b"), _standby.Receive(new Install(SmallReplica.Shard, s_first, 9, null)));
        Assert.Equal(new Refused(SmallReplica.Shard, s_second, "b"),
            _standby.Receive(new Recall(SmallReplica.Shard, s_first, WithRecord: false)));
        Assert.Equal(0, _standby.Sequence);
    }

    [Fact]
    public void Of_two_hosts_that_chose_the_same_number_one_is_refused()
    {
        _standby.Receive(new Recall(SmallReplica.Shard, new Term(2, 9), WithRecord: false));

        Assert.IsType<Refused>(_standby.Receive(new Recall(SmallReplica.Shard, new Term(2, 6), WithRecord: false)));
    }

    [Fact]
    public void An_operation_of_a_term_without_a_copy_asks_for_one()
    {
        Assert.Equal(new Absent(SmallReplica.Shard, s_first, "b"),
            _standby.Receive(new Operation(SmallReplica.Shard, s_first, 1, SmallReplica.Push(0))));

        _standby.Receive(new Install(SmallReplica.Shard, s_first, 0, null));
        Assert.Equal(new OperationAck(SmallReplica.Shard, s_first, "b", 1),
            _standby.Receive(new Operation(SmallReplica.Shard, s_first, 1, SmallReplica.Push(0))));
    }

    [Fact]
    public void Nothing_is_acknowledged_beyond_a_gap()
    {
        _standby.Receive(new Install(SmallReplica.Shard, s_first, 0, null));

        Assert.Equal(new OperationAck(SmallReplica.Shard, s_first, "b", 0),
            _standby.Receive(new Operation(SmallReplica.Shard, s_first, 2, SmallReplica.Push(1))));
        Assert.Equal(new OperationAck(SmallReplica.Shard, s_first, "b", 2),
            _standby.Receive(new Operation(SmallReplica.Shard, s_first, 1, SmallReplica.Push(0))));
    }

    [Fact]
    public void A_late_copy_does_not_set_back_what_has_gone_on()
    {
        _standby.Receive(new Install(SmallReplica.Shard, s_first, 0, null));
        _standby.Receive(new Operation(SmallReplica.Shard, s_first, 1, SmallReplica.Push(0)));

        Assert.Equal(new Installed(SmallReplica.Shard, s_first, "b", 1),
            _standby.Receive(new Install(SmallReplica.Shard, s_first, 0, null)));
    }

    [Fact]
    public void A_release_drops_the_copy_and_keeps_the_promise()
    {
        _standby.Receive(new Install(SmallReplica.Shard, s_first, 0, null));
        _standby.Receive(new Release(SmallReplica.Shard, s_second));

        Assert.Equal(Term.None, _standby.Term);
        Assert.IsType<Refused>(_standby.Receive(new Install(SmallReplica.Shard, s_first, 0, null)));
    }

    [Fact]
    public void A_release_that_was_overtaken_by_a_copy_of_its_own_term_leaves_that_copy()
    {
        _standby.Receive(new Install(SmallReplica.Shard, s_second, 3, SmallReplica.Undisturbed(s_blueprint, 3).Save(unacknowledged: true)));
        _standby.Receive(new Release(SmallReplica.Shard, s_second));

        Assert.Equal((s_second, 3L), (_standby.Term, _standby.Sequence));
    }

    [Fact]
    public void A_recall_takes_the_highest_term_before_the_longest_sequence_and_the_nearest_of_equals()
    {
        var recall = new ShardRecall(SmallReplica.Shard, life: 9, near: "c");
        recall.SetServers(["a", "b", "c"]);
        recall.Hear(Of(recall, "a", s_first, 100));
        recall.Hear(Of(recall, "b", s_second, 3));
        Assert.False(recall.Complete);
        recall.Hear(Of(recall, "c", s_second, 3));

        Assert.True(recall.Complete);
        Assert.Equal("c", recall.Best!.Server);
    }

    [Fact]
    public void A_recall_waits_for_no_server_that_has_gone_and_asks_all_again_when_it_is_outbid()
    {
        var recall = new ShardRecall(SmallReplica.Shard, life: 9, near: "a");
        recall.SetServers(["a", "b"]);
        recall.Hear(Of(recall, "a", s_first, 100));
        recall.SetServers(["a"]);
        Assert.True(recall.Complete);

        Assert.True(recall.Outbid(new Term(4, 1)));

        Assert.Equal((new Term(5, 9), false), (recall.Term, recall.Complete));
        Assert.False(recall.Outbid(new Term(4, 1)));
        recall.Hear(new Held(SmallReplica.Shard, new Term(1, 9), "a", s_first, 100, null));
        Assert.False(recall.Complete);
    }

    [Fact]
    public void Copies_lie_on_other_servers_are_spread_evenly_and_stay_where_they_are()
    {
        var servers = new[] { "a", "b", "c", "d" };
        var load = Enumerable.Range(0, 12).SelectMany(shard => StandbyChoice.Choose(new ShardId(shard), servers, "a", [], 1))
            .CountBy(server => server).ToArray();

        Assert.Equal(["b", "c", "d"], load.Select(server => server.Key).Order());
        Assert.All(load, server => Assert.Equal(4, server.Value));
        Assert.Equal(["d"], StandbyChoice.Choose(new ShardId(0), servers, "a", ["d"], 1));
        Assert.Equal(["d", "b"], StandbyChoice.Choose(new ShardId(0), servers, "a", ["d"], 2));
        Assert.Equal(3, StandbyChoice.Choose(new ShardId(0), servers, "a", [], 5).Count);
        Assert.Empty(StandbyChoice.Choose(new ShardId(0), ["a"], "a", [], 1));
    }

    private static Held Of(ShardRecall recall, string server, Term term, long sequence) =>
        new(SmallReplica.Shard, recall.Term, server, term, sequence, null);
}
