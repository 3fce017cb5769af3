using Akka.Actor;
using Akka.Cluster;
using Akka.Remote;

namespace TwoTower.Actors.Cluster;

/// <summary>Ends a node that its cluster has removed without its knowing: it downs itself, so that it
/// is started again and joins anew.</summary>
/// <remarks>Two nodes that do not reach each other while others reach both are both downed and removed by one of these, before gossip tells
/// them. It speaks with them no more (their connections are refused, "quarantined"), so that they take it for unreachable. When they reach
/// each other again by then they may be the majority of the members that they know of, remove the others in turn, and there are two
/// clusters beside each other for ever, one of them without the trainer. What Akka's remoting publishes about a refused connection is all
/// that tells the one that was removed; Akka.Cluster takes no notice of it.</remarks>
internal sealed class OutcastActor : ReceiveActor
{
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);

    public OutcastActor()
    {
        // One that leaves is removed by others before it has ended, as it should be.
        Receive<ThisActorSystemQuarantinedEvent>(
            refused => _cluster.SelfMember.Status is MemberStatus.Joining or MemberStatus.WeaklyUp or MemberStatus.Up
                or MemberStatus.Leaving
                && _cluster.State.Members.Any(member => member.Address == refused.RemoteAddress),
            _ => _cluster.Down(_cluster.SelfAddress));
        ReceiveAny(_ => { });
    }

    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);
}
