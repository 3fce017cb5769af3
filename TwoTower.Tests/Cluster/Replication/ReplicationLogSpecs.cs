using TwoTower.Actors.Hosting.Replication;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Tests.Cluster.Replication;

public class ReplicationLogSpecs
{
    private readonly ReplicationLog<string> _log = new(SmallReplica.Shard, new Term(1, 1), 0);

    [Fact]
    public void Without_standbys_answers_go_out_at_once_and_nothing_is_kept()
    {
        _log.Append(SmallReplica.Push(0));
        _log.Hold("ack 0");

        Assert.Equal(["ack 0"], _log.Release());
        Assert.False(_log.Carries(SmallReplica.Push(0)));
    }

    [Fact]
    public void An_answer_waits_until_every_standby_has_done_what_came_before_it()
    {
        Install("b", "c");
        Append(0);
        _log.Hold("ack 0");
        Append(1);
        _log.Hold("ack 1");

        _log.Acknowledge("b", 2);
        Assert.Empty(_log.Release());
        _log.Acknowledge("c", 1);
        Assert.Equal(["ack 0"], _log.Release());
        _log.Acknowledge("c", 2);
        Assert.Equal(["ack 1"], _log.Release());
    }

    [Fact]
    public void While_a_standby_is_being_given_its_copy_nothing_new_is_acknowledged()
    {
        Append(0);
        _log.Add("b");
        _log.Hold("ack 0");

        Assert.Empty(_log.Release());
        Assert.True(_log.Install("b", 1));
        Assert.Equal(["ack 0"], _log.Release());
    }

    [Fact]
    public void Answers_wait_for_a_standby_that_is_about_to_be_there_until_it_is_expected_no_longer()
    {
        _log.Awaited = 1;
        Append(0);
        _log.Hold("ack 0");
        Assert.Empty(_log.Release());

        _log.Install("b", _log.Add("b"));
        Assert.Equal(["ack 0"], _log.Release());

        _log.Remove("b");
        Append(1);
        _log.Hold("ack 1");
        Assert.Empty(_log.Release());
        _log.Awaited = 0;
        Assert.Equal(["ack 1"], _log.Release());
    }

    [Fact]
    public void By_the_least_that_is_asked_for_answers_wait_until_there_are_as_many_standbys()
    {
        var log = new ReplicationLog<string>(SmallReplica.Shard, new Term(1, 1), 0, least: 2);
        log.Append(SmallReplica.Push(0));
        log.Hold("ack 0");
        Assert.Empty(log.Release());
        log.Install("b", log.Add("b"));
        Assert.Empty(log.Release());
        log.Add("c");
        Assert.Empty(log.Release());

        log.Install("c", 1);

        Assert.Equal(["ack 0"], log.Release());
        log.Append(SmallReplica.Push(1));
        log.Hold("ack 1");
        log.Acknowledge("b", 2);
        log.Remove("c");
        Assert.Empty(log.Release());
    }

    [Fact]
    public void Answers_that_nobody_may_have_yet_are_kept_up_to_a_bound()
    {
        var log = new ReplicationLog<string>(SmallReplica.Shard, new Term(1, 1), 0, least: 1);
        for (var n = 0; n <= ReplicationLog<string>.MostOperations; n++)
        {
            log.Hold("again and again");
        }

        Assert.Equal(ReplicationLog<string>.MostOperations, log.Held);
    }

    [Fact]
    public void A_standby_that_is_lost_is_waited_for_no_longer()
    {
        Install("b", "c");
        Append(0);
        _log.Hold("ack 0");
        _log.Acknowledge("c", 1);

        _log.Remove("b");

        Assert.Equal(["ack 0"], _log.Release());
    }

    [Fact]
    public void A_standby_is_sent_what_came_after_its_copy_once_and_again_after_a_rewind()
    {
        Append(0);
        _log.Add("b");
        Append(1);
        Append(2);
        Assert.Empty(_log.Due("b"));

        _log.Install("b", 1);

        Assert.Equal([2L, 3L], Due());
        Assert.Empty(Due());
        _log.Acknowledge("b", 2);
        _log.Rewind("b");
        Assert.Equal([3L], Due());
    }

    [Fact]
    public void No_more_is_on_its_way_to_a_standby_than_an_endpoint_lets_wait()
    {
        Install("b");
        for (var batch = 0; batch < 100; batch++)
        {
            Append(batch);
        }

        Assert.Equal(ReplicationLog<string>.Window, Due().Length);
        _log.Acknowledge("b", 10);
        Assert.Equal(10, Due().Length);
    }

    [Fact]
    public void A_push_is_carried_until_all_have_it()
    {
        Install("b");
        Append(0);
        Assert.True(_log.Carries(SmallReplica.Push(0)));
        Assert.False(_log.Carries(SmallReplica.Push(0, birth: 2)));

        _log.Acknowledge("b", 1);

        Assert.False(_log.Carries(SmallReplica.Push(0)));
    }

    [Fact]
    public void An_acknowledgement_of_what_was_never_numbered_counts_for_nothing()
    {
        Install("b");
        Append(0);
        _log.Hold("ack 0");

        _log.Acknowledge("b", 99);

        Assert.Empty(_log.Release());
    }

    [Fact]
    public void It_is_full_at_its_bound_and_no_longer_once_standbys_have_caught_up()
    {
        Install("b");
        for (var n = 0; n < ReplicationLog<string>.MostOperations; n++)
        {
            _log.Append(new SnapshotProtocol.Read(SmallReplica.Shard, n));
        }

        Assert.True(_log.Full);
        _log.Acknowledge("b", 10);
        Assert.False(_log.Full);
    }

    private void Install(params string[] standbys)
    {
        foreach (var standby in standbys)
        {
            _log.Install(standby, _log.Add(standby));
        }
    }

    private void Append(long batch) => _log.Append(SmallReplica.Push(batch));

    private long[] Due() => [.. _log.Due("b").Select(operation => operation.Sequence)];
}
