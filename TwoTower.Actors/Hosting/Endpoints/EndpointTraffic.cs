using Akka.Actor;

namespace TwoTower.Actors.Hosting.Endpoints;

/// <summary>The long messages that an endpoint has on its way to another and from it: the answer to
/// <see cref="IEndpoint.AskTraffic"/>.</summary>
/// <param name="About">What the question was about.</param>
/// <param name="Sent">Bytes that the other has confirmed, of the message that is on its way.</param>
/// <param name="ToSend">Bytes of that message and of all that wait behind it; 0 when none is on its way.</param>
/// <param name="Comes">Whether a message from the other is on its way here.</param>
internal sealed record EndpointTraffic(string About, long Sent, long ToSend, bool Comes) : INoSerializationVerificationNeeded
{
    /// <summary>Nothing is on its way: it has arrived, or is lost.</summary>
    public static EndpointTraffic None(string about) => new(about, 0, 0, false);
}
