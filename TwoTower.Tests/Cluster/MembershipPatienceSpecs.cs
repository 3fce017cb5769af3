using TwoTower.Actors.Hosting.Membership;

namespace TwoTower.Tests.Cluster;

/// <summary>A node whose only acquaintance died before it had told others of the node does not wait for ever.</summary>
public sealed class MembershipPatienceSpecs
{
    private readonly MembershipPatience _patience = new();

    [Fact]
    public void A_node_that_stays_about_to_become_a_member_is_given_up()
    {
        Assert.False(_patience.Look(PeerStatus.Joining, 100));
        Assert.False(_patience.Look(PeerStatus.Joining, 100 + MembershipPatience.TooLong - 1));

        Assert.True(_patience.Look(PeerStatus.Joining, 100 + MembershipPatience.TooLong));
    }

    [Fact]
    public void One_that_nobody_has_let_in_yet_and_one_that_is_a_member_are_not()
    {
        Assert.False(_patience.Look(null, 0));
        Assert.False(_patience.Look(null, 1000)); // it waits for its cluster to be started
        Assert.False(_patience.Look(PeerStatus.Joining, 1001));
        Assert.False(_patience.Look(PeerStatus.Up, 1002));
        Assert.False(_patience.Look(PeerStatus.Leaving, 9999));
    }
}
