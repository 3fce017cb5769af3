namespace TwoTower.Actors.Hosting.Membership;

/// <summary>Whether a node that has asked to be a member will ever be one. Synchronous; one thread at a time.</summary>
/// <remarks>It is let in by whichever member it asked. When that one dies before it has told others, nobody knows of the node, while the
/// node takes itself to be about to become a member, for good. Started again it asks another.</remarks>
internal sealed class MembershipPatience
{
    /// <summary>Seconds that a node may be about to become a member: more than the cluster takes to agree while others die.</summary>
    public const double TooLong = 20;

    private double? _since;

    /// <summary>Takes a look.</summary>
    /// <param name="own">How far the node has come; null before anybody has let it in.</param>
    /// <param name="now">Seconds.</param>
    /// <returns>Whether it is to give up.</returns>
    public bool Look(PeerStatus? own, double now)
    {
        _since = own is PeerStatus.Joining ? _since ?? now : null;
        return now - _since >= TooLong;
    }
}
