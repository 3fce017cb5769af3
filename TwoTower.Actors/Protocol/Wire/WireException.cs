namespace TwoTower.Actors.Protocol.Wire;

/// <summary>A frame that is no message, a message that is too large for a frame, or one that has no form on
/// the wire. The message says which.</summary>
internal sealed class WireException(string message, Exception? inner = null) : Exception(message, inner);
