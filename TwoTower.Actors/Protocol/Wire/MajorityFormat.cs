using static TwoTower.Actors.Protocol.MajorityProtocol;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>The conversation about who is in sight, on the wire.</summary>
internal static class MajorityFormat
{
    public static void Write<T>(ref T sink, Pulse pulse)
        where T : IWireSink, allows ref struct
    {
        sink.Group(4);
        sink.Text(pulse.Node);
        sink.Real(pulse.Sent);
        sink.Real(pulse.Heard);
        sink.Real(pulse.Seconds);
    }

    public static Pulse ReadPulse(ref WireReader reader)
    {
        reader.Group(4);
        var pulse = new Pulse(reader.Text(), ReadTime(ref reader), ReadTime(ref reader), ReadTime(ref reader));
        return pulse.Seconds is >= 0 and <= LongestLease ? pulse : throw new WireException($"A lease lasts from 0 to {LongestLease} s.");
    }

    public static void Write<T>(ref T sink, Echo echo)
        where T : IWireSink, allows ref struct
    {
        sink.Group(3);
        sink.Text(echo.Node);
        sink.Real(echo.Heard);
        sink.Real(echo.Sent);
    }

    public static Echo ReadEcho(ref WireReader reader)
    {
        reader.Group(3);
        return new Echo(reader.Text(), ReadTime(ref reader), ReadTime(ref reader));
    }

    /// <summary>A time that is none would compare with nothing.</summary>
    private static double ReadTime(ref WireReader reader) => reader.Real() is var time && double.IsFinite(time)
        ? time : throw new WireException("A time is not finite.");
}
