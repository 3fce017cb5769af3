using static TwoTower.Actors.Protocol.MajorityProtocol;

namespace TwoTower.Actors.Hosting.Majority;

/// <summary>A node's leave to take pushes for as long as a majority of the cluster is in sight. One
/// thread writes it, any may read it.</summary>
/// <remarks>Why it is never held longer than that: <see cref="MajorityGrants"/>.</remarks>
internal sealed class MajorityLease
{
    private double _until = double.NegativeInfinity;

    /// <summary>Whether the node has leave.</summary>
    /// <param name="now">Seconds by the node's monotonic clock.</param>
    public bool IsHeld(double now) => now < Volatile.Read(ref _until);

    /// <summary>The coordinator gives leave, or not. A pulse that was overtaken takes nothing back.</summary>
    /// <param name="pulse">A pulse that is meant for this node.</param>
    /// <param name="now">Seconds by the node's monotonic clock.</param>
    public void Take(Pulse pulse, double now)
    {
        // What the node has not sent yet nobody can have heard.
        if (pulse.Seconds > 0 && pulse.Heard <= now)
        {
            Volatile.Write(ref _until, Math.Max(Volatile.Read(ref _until), pulse.Heard + pulse.Seconds));
        }
    }
}
