using TwoTower.Actors.Cluster.Membership;

namespace TwoTower.Actors.Simulation.Clusters;

/// <summary>Akka's split-brain resolver with keep-majority, as a function of what a node knows.</summary>
internal static class KeepMajority
{
    /// <summary>Names of the members that are to be downed.</summary>
    /// <param name="state">What the deciding node knows.</param>
    public static IReadOnlyList<string> Decide(GossipState state)
    {
        // Nodes that see the same gossip and still do not reach each other, or of which each says that it does not reach the other, are on neither side.
        var unreached = state.Unreached.ToArray();
        var indirect = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (observer, subject) in unreached)
        {
            if (state.HasSeen(subject) || unreached.Contains((subject, observer)))
            {
                indirect.Add(observer);
                indirect.Add(subject);
            }
        }

        var members = state.Members.Where(member => !indirect.Contains(member.Peer.Name)).ToArray();
        var unreachable = members.Where(member => state.Unreachable.Contains(member.Peer.Name)).ToArray();
        var reachable = members.Except(unreachable).ToArray();
        var (there, gone) = (reachable.Count(Counts), unreachable.Count(Counts));
        var first = members.FirstOrDefault(Counts);
        var keeps = there > gone || (there == gone && first is not null && reachable.Contains(first));
        return [.. indirect, .. (keeps ? unreachable : reachable).Select(member => member.Peer.Name)];
    }

    private static bool Counts(GossipedPeer member) => member.Peer.Status is PeerStatus.Up or PeerStatus.Leaving;
}
