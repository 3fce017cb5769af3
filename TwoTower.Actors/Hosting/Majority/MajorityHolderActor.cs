using Akka.Actor;
using TwoTower.Actors.Hosting.Membership;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Hosting.Majority;

/// <summary>Answers the coordinator's pulses for a node, and keeps the node's lease.</summary>
internal sealed class MajorityHolderActor : ReceiveActor
{
    /// <summary>Name under <c>/user</c> of every node's.</summary>
    public const string Name = "majority";

    /// <summary>Where the cluster's own heartbeats are handled: nothing that computes runs there.</summary>
    public const string Dispatcher = "akka.actor.internal-dispatcher";

    private readonly IMembership _membership;

    /// <summary>An actor that keeps a lease.</summary>
    public MajorityHolderActor(IMembership membership, MajorityLease lease)
    {
        _membership = membership;
        var (own, clock) = (membership.Name, Context.System.Scheduler);
        Receive<MajorityProtocol.Pulse>(pulse => pulse.Node == own && IsMember(Sender), pulse =>
        {
            lease.Take(pulse, clock.MonotonicClock.TotalSeconds);
            Sender.Tell(new MajorityProtocol.Echo(own, pulse.Sent, clock.MonotonicClock.TotalSeconds));
        });
        Receive<MajorityProtocol.Pulse>(_ => { });
    }

    /// <summary>Props of the actor.</summary>
    public static Props Props(IMembership membership, MajorityLease lease) =>
        Akka.Actor.Props.Create(() => new MajorityHolderActor(membership, lease)).WithDispatcher(Dispatcher);

    /// <summary>A coordinator that this node knows to be downed must not count it as in sight: its side has been given up.</summary>
    private bool IsMember(IActorRef coordinator) =>
        _membership.Members.Any(member => (member.Status is PeerStatus.Up or PeerStatus.Leaving or PeerStatus.Exiting)
        && _membership.LivesOn(coordinator, member));
}
