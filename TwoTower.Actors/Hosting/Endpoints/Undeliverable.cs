namespace TwoTower.Actors.Hosting.Endpoints;

/// <summary>On an actor system's event stream: a message of one of its endpoints can never be delivered, however often it is sent. Whoever
/// waits for it would wait for ever, so the run has to end.</summary>
/// <param name="Reason">Who sent what to whom, and why it cannot come: a sentence without its full stop.</param>
internal sealed record Undeliverable(string Reason);
