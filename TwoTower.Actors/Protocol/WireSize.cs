using TwoTower.Actors.Protocol.Wire;

namespace TwoTower.Actors.Protocol;

/// <summary>Bytes of a message on the wire, for whoever models a network.</summary>
public static class WireSize
{
    /// <summary>The length of the message's frame, without making it.</summary>
    /// <exception cref="WireException">The message has no form on the wire.</exception>
    public static long Of(object message) => WireFormat.SizeOf(message);
}
