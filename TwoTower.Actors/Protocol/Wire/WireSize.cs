namespace TwoTower.Actors.Protocol.Wire;

/// <summary>Bytes of a message on the wire, for whoever models a network.</summary>
internal static class WireSize
{
    /// <summary>The length of the message's frame, without making it; 0 for what is no message of the
    /// conversations and could not cross a wire.</summary>
    public static long Of(object message) => WireFormat.HasForm(message) ? WireFormat.SizeOf(message) : 0;
}
