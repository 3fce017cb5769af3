using TwoTower.Actors.Cluster.Membership;
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

    [Fact]
    public void Who_only_joins_counts_for_no_side()
    {
        var state = State(["a", "b", "c"]);
        state.Set(new GossipedPeer(new Peer("x", "x", [], PeerStatus.Joining), 0));
        state.Set(new GossipedPeer(new Peer("y", "y", [], PeerStatus.Joining), 0));
        foreach (var lost in new[] { "c", "x", "y" })
        {
            state.Observe("a", lost, reachable: false);
        }

        Assert.Equal(["c", "x", "y"], KeepMajority.Decide(state));
    }

    [Fact]
    public void Two_who_do_not_reach_each_other_while_others_reach_both_go_both() =>
        Assert.Equal(["b", "c"], Decide(["a", "b", "c", "d", "e"], ("b", "c"), ("c", "b")));

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
