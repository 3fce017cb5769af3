using TwoTower.Actors.Hosting.Membership;

namespace TwoTower.Actors.Simulation.Clusters;

/// <summary>Akka's split-brain resolver with keep-majority, as a function of what a node knows.</summary>
internal static class KeepMajority
{
    /// <summary>Names of the members that are to be downed, in the members' order.</summary>
    /// <param name="state">What the deciding node knows.</param>
    public static IReadOnlyList<string> Decide(GossipState state)
    {
        var unreached = state.Unreached.ToArray();
        var (cycle, seen) = (Cycle(unreached), Seen(unreached, state));
        SortedSet<string> indirect = [.. cycle, .. seen];
        var rest = unreached.Where(entry => !(cycle.Contains(entry.Observer) && cycle.Contains(entry.Subject))
            && !(seen.Contains(entry.Observer) && seen.Contains(entry.Subject))).ToArray();
        SortedSet<string> downed;
        if (indirect.Count == 0)
        {
            downed = ByMajority(state, unreached);
        }
        else if (unreached.All(entry => indirect.Contains(entry.Subject)))
        {
            downed = indirect;
        }
        else if (Cycle(rest).Count > 0 || Seen(rest, state).Count > 0)
        {
            downed = All(state); // what is left when those are taken out is no clean split either
        }
        else
        {
            downed = [.. indirect, .. ByMajority(state, rest)];
        }

        return [.. state.Members.Where(member => member.Peer.Status < PeerStatus.Exiting && downed.Contains(member.Peer.Name))
            .Select(member => member.Peer.Name)];
    }

    /// <summary>Nodes that do not reach somebody and that somebody does not reach: no clean split and no death makes such.</summary>
    private static SortedSet<string> Cycle((string Observer, string Subject)[] unreached) =>
        new(unreached.Select(entry => entry.Observer).Intersect(unreached.Select(entry => entry.Subject)), StringComparer.Ordinal);

    /// <summary>Nodes that see the same gossip though one does not reach the other.</summary>
    private static SortedSet<string> Seen((string Observer, string Subject)[] unreached, GossipState state) =>
        new(unreached.Where(entry => state.HasSeen(entry.Subject)).SelectMany(entry => new[] { entry.Observer, entry.Subject }),
            StringComparer.Ordinal);

    private static SortedSet<string> ByMajority(GossipState state, (string Observer, string Subject)[] unreached)
    {
        var unreachable = new SortedSet<string>(unreached.Select(entry => entry.Subject), StringComparer.Ordinal);
        bool IsReachable(GossipedPeer member) => !unreachable.Contains(member.Peer.Name);
        if (!Keeps(state.Members.Where(Counts), state.Members.Where(Counts)))
        {
            return [.. state.Members.Where(IsReachable).Select(member => member.Peer.Name)];
        }

        // Members may have changed beside the split: whoever only joins there may be up there, whoever leaves here may be gone there. When
        // that would turn the decision, both sides may go on, and nobody is to.
        return Keeps(state.Members.Where(member => Counts(member) && member.Peer.Status != PeerStatus.Leaving),
            state.Members.Where(member => member.Peer.Status is PeerStatus.Joining || Counts(member)))
            ? unreachable
            : All(state);

        bool Keeps(IEnumerable<GossipedPeer> here, IEnumerable<GossipedPeer> there)
        {
            var first = here.FirstOrDefault();
            var more = here.Count(IsReachable) - there.Count(member => !IsReachable(member));
            return first is not null && (more > 0 || (more == 0 && IsReachable(first)));
        }
    }

    private static SortedSet<string> All(GossipState state) =>
        new(state.Members.Select(member => member.Peer.Name), StringComparer.Ordinal);

    private static bool Counts(GossipedPeer member) => member.Peer.Status is PeerStatus.Up or PeerStatus.Leaving;
}
