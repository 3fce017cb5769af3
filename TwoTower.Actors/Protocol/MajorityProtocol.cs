using TwoTower.Actors.Protocol.Declarations;

namespace TwoTower.Actors.Protocol;

/// <summary>Coordinator ↔ every member: who is in sight, and how long shards may take pushes. Every message may be
/// lost, doubled, late or overtaken.</summary>
/// <remarks>Times are seconds by the clock of whoever wrote them; the other side only hands them back, so clocks need not agree.</remarks>
internal static class MajorityProtocol
{
    /// <summary>Longest lease that can be said, in seconds.</summary>
    public const double LongestLease = 3600;

    /// <summary>The coordinator to a member, several times a second.</summary>
    /// <param name="Node">The life of the node that is meant.</param>
    /// <param name="Sent">When this was sent, by the coordinator's clock.</param>
    /// <param name="Heard">The last <see cref="Echo.Sent"/> that the coordinator has from the member, by the
    /// member's clock; 0 when there is none.</param>
    /// <param name="Seconds">The member's shards may take pushes until so long after <paramref name="Heard"/>; 0 is no lease.</param>
    [Manifest("m.pulse.1")]
    public sealed record Pulse(string Node, double Sent, double Heard, double Seconds) : IWireChecked
    {
        /// <summary>A time that is none would compare with nothing.</summary>
        string? IWireChecked.Fault =>
            !(double.IsFinite(Sent) && double.IsFinite(Heard) && double.IsFinite(Seconds)) ? "A time is not finite."
            : Seconds is >= 0 and <= LongestLease ? null
            : $"A lease lasts from 0 to {LongestLease} s.";
    }

    /// <summary>The answer to <see cref="Pulse"/>.</summary>
    /// <param name="Node">The life of the node that answers.</param>
    /// <param name="Heard">The <see cref="Pulse.Sent"/> that is answered, by the coordinator's clock.</param>
    /// <param name="Sent">When this was sent, by the member's clock.</param>
    [Manifest("m.echo.1")]
    public sealed record Echo(string Node, double Heard, double Sent) : IWireChecked
    {
        string? IWireChecked.Fault => double.IsFinite(Sent) && double.IsFinite(Heard) ? null : "A time is not finite.";
    }
}
