using TwoTower.Actors.Hosting.Membership;
using TwoTower.Actors.Simulation.Clusters;

namespace TwoTower.Tests.Simulation.Clusters;

/// <summary>Who is downed when a network splits, as Akka's keep-majority decides; and gossip, in whatever order it comes.</summary>
public class KeepMajoritySpecs
{
    [Fact]
    public void The_larger_side_goes_on_and_the_smaller_goes() =>
        Assert.Equal(["d", "e"], Decide(["a", "b", "c", "d", "e"], ("a", "d"), ("a", "e")));

    [Fact]
    public void Whoever_sees_fewer_than_are_gone_goes_with_all_whom_it_reaches() =>
        Assert.Equal(["a", "b"], Decide(["a", "b", "c", "d", "e"], ("a", "c"), ("a", "d"), ("a", "e")));

    [Fact]
    public void Of_two_halves_the_one_with_the_first_address_goes_on()
    {
        Assert.Equal(["c", "d"], Decide(["a", "b", "c", "d"], ("a", "c"), ("a", "d")));
        Assert.Equal(["c", "d"], Decide(["a", "b", "c", "d"], ("c", "a"), ("c", "b")));
    }

    [Theory]
    [InlineData(1, new[] { "c", "x0" })]
    [InlineData(2, new[] { "a", "b", "c", "x0", "x1" })]
    public void Who_only_joins_may_be_up_beyond_a_split_and_when_that_would_turn_the_decision_all_go(int joining, string[] downed)
    {
        var state = State(["a", "b", "c"]);
        state.Observe("b", "c", reachable: false);
        for (var n = 0; n < joining; n++)
        {
            state.Set(new GossipedPeer(new Peer($"x{n}", $"x{n}", [], PeerStatus.Joining), 0));
            state.Observe("b", $"x{n}", reachable: false);
        }

        Assert.Equal(downed, KeepMajority.Decide(state));
    }

    [Fact]
    public void Who_only_joins_on_this_side_does_not_make_it_the_larger()
    {
        var state = State(["a", "b", "c"]);
        state.Set(new GossipedPeer(new Peer("x", "x", [], PeerStatus.Joining), 0));
        state.Set(new GossipedPeer(new Peer("y", "y", [], PeerStatus.Joining), 0));
        state.Observe("a", "b", reachable: false);
        state.Observe("a", "c", reachable: false);

        Assert.Equal(["a", "x", "y"], KeepMajority.Decide(state));
    }

    [Fact]
    public void Two_who_do_not_reach_each_other_while_others_reach_both_go_both() =>
        Assert.Equal(["b", "c"], Decide(["a", "b", "c", "d", "e"], ("b", "c"), ("c", "b")));

    [Fact]
    public void Beside_two_who_do_not_reach_each_other_the_dead_go_too() =>
        Assert.Equal(["b", "c", "e"], Decide(["a", "b", "c", "d", "e"], ("b", "c"), ("c", "b"), ("a", "e"), ("b", "e"), ("c", "e"),
            ("d", "e")));

    [Fact]
    public void Where_no_clean_split_is_left_without_those_in_a_circle_all_go() =>
        Assert.Equal(["a", "b", "c", "d", "e"], Decide(["a", "b", "c", "d", "e"], ("b", "c"), ("d", "b")));

    [Fact]
    public void Gossip_that_comes_in_another_order_or_twice_makes_the_same_state_and_a_status_never_goes_back()
    {
        var (one, other) = (State(["a", "b", "c"]), State(["a", "b", "c"]));
        one.Observe("a", "c", reachable: false);
        one.Set(new GossipedPeer(new Peer("c", "c", [], PeerStatus.Down), 3));
        other.Set(new GossipedPeer(new Peer("b", "b", [], PeerStatus.Leaving), 2));
        var (first, second) = (one.Copy(), other.Copy());

        first.Merge(other);
        first.Merge(one);
        second.Merge(one);
        second.Merge(State(["a", "b", "c"]));

        Assert.Equal(first.Digest, second.Digest);
        Assert.Equal(PeerStatus.Down, second["c"]!.Peer.Status);
        Assert.Equal(PeerStatus.Leaving, first["b"]!.Peer.Status);
        Assert.NotEqual(first.Digest, one.Digest);
    }

    private static IReadOnlyList<string> Decide(string[] members, params (string Observer, string Subject)[] unreached)
    {
        var state = State(members);
        foreach (var (observer, subject) in unreached)
        {
            state.Observe(observer, subject, reachable: false);
        }

        return KeepMajority.Decide(state);
    }

    private static GossipState State(string[] members)
    {
        var state = new GossipState();
        for (var n = 0; n < members.Length; n++)
        {
            state.Set(new GossipedPeer(new Peer(members[n], members[n], [], PeerStatus.Up), n + 1));
        }

        return state;
    }
}
