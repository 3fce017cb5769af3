using Akka.Actor;
using TwoTower.Actors.Hosting.Replication;

namespace TwoTower.Tests.Cluster.Replication;

/// <summary>Whose word is waited for before it is told which servers there are.</summary>
public class ServerListSpecs
{
    private readonly ServerList _list = new();

    [Fact]
    public void A_server_counts_when_its_standby_has_answered_and_is_waited_for_until_then()
    {
        _list.Add("b");
        _list.Add("a");
        Assert.False(_list.Known);
        Assert.Equal(["a", "b"], _list.Silent);

        Assert.True(_list.Answer("b", ActorRefs.Nobody));
        Assert.False(_list.Answer("b", ActorRefs.Nobody));
        Assert.False(_list.Known);
        Assert.Equal(["b"], Names());
        Assert.True(_list.Answer("a", ActorRefs.Nobody));
        Assert.True(_list.Known);
        Assert.Equal(["a", "b"], Names());
    }

    [Fact]
    public void One_that_says_it_has_no_standby_holds_nothing_and_is_left_out_until_it_has_one()
    {
        _list.Add("a");
        _list.Add("b");
        _list.Answer("b", ActorRefs.Nobody);

        Assert.True(_list.HasNone("a"));
        Assert.False(_list.HasNone("a"));

        Assert.True(_list.Known);
        Assert.Equal(["b"], Names());
        Assert.Equal(["a"], _list.Silent); // and is asked again
        Assert.True(_list.Answer("a", ActorRefs.Nobody));
        Assert.False(_list.HasNone("a")); // an answer that was long on its way
        Assert.Equal(["a", "b"], Names());
    }

    [Fact]
    public void A_member_that_is_busy_may_hold_the_only_copy_and_is_waited_for_far_longer_than_a_dead_one_stays_a_member()
    {
        _list.Add("a");
        for (var round = 0; round < 100; round++)
        {
            _list.Round();
        }

        Assert.False(_list.Known);
    }

    [Fact]
    public void One_that_stays_a_member_and_silent_is_given_up_in_the_end_and_counts_again_when_it_answers()
    {
        _list.Add("a");
        for (var round = 0; round < ServerList.Patience; round++)
        {
            Assert.False(_list.Known);
            _list.Round();
        }

        Assert.True(_list.Known);
        Assert.Empty(Names());
        _list.Add("b"); // another who comes is waited for all the same
        Assert.False(_list.Known);
        Assert.True(_list.Answer("a", ActorRefs.Nobody));
        Assert.Equal(["a"], Names());
    }

    [Fact]
    public void One_that_leaves_is_still_asked_and_is_said_to_leave_until_it_has_gone()
    {
        _list.Add("a");
        _list.Add("b");
        _list.Answer("a", ActorRefs.Nobody);

        Assert.True(_list.Leave("a"));
        Assert.False(_list.Leave("a"));
        Assert.False(_list.Leave("b")); // nobody has been told of it
        _list.Answer("b", ActorRefs.Nobody);
        Assert.Equal([true, true], _list.Servers.Select(server => server.Leaving));

        Assert.True(_list.Remove("a"));
        Assert.False(_list.Remove("a"));
        Assert.False(_list.Leave("a"));
        Assert.Equal(["b"], Names());
    }

    [Fact]
    public void A_member_that_has_no_standby_yet_is_about_to_have_one_and_after_some_rounds_it_is_not()
    {
        _list.Add("a");
        _list.Add("b");
        _list.Add("c");
        _list.Answer("b", ActorRefs.Nobody);
        _list.HasNone("a");
        Assert.Equal(["a", "c"], _list.Coming);

        _list.Leave("c");
        for (var round = 0; round < ServerList.ComingRounds; round++)
        {
            Assert.Equal(["a"], _list.Coming);
            _list.Round();
        }

        Assert.Empty(_list.Coming);
        Assert.True(_list.Answer("a", ActorRefs.Nobody)); // it counts when it comes after all
        Assert.Equal(["a", "b"], Names());
    }

    private IEnumerable<string> Names() => _list.Servers.Select(server => server.Name);
}
