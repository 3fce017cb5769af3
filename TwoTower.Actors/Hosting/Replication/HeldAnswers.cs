using Akka.Actor;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Hosting.Replication;

/// <summary>Whom a shard answers while its host has to know first: what promises that something is kept goes to the host,
/// everything else goes straight on.</summary>
/// <param name="to">Who asked.</param>
/// <param name="host">The host.</param>
/// <param name="probe">What the protocols show of themselves.</param>
/// <param name="path">A path of its own.</param>
/// <param name="provider">The actor system's.</param>
internal sealed class HeldAnswers(IActorRef to, IActorRef host, ProtocolProbe probe, ActorPath path, IActorRefProvider provider)
    : MinimalActorRef
{
    public override ActorPath Path => path;

    public override IActorRefProvider Provider => provider;

    protected override void TellInternal(object message, IActorRef sender)
    {
        if (message is (ParameterProtocol.PushAck or ParameterProtocol.Fenced) && !probe.Plants(PlantedFault.CopiesNotAwaited))
        {
            host.Tell(new Answer(to, message));
        }
        else
        {
            to.Tell(message, host);
        }
    }

    /// <summary>An answer that has to wait.</summary>
    public sealed record Answer(IActorRef To, object Message) : INoSerializationVerificationNeeded;
}
