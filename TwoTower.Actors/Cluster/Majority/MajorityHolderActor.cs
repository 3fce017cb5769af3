using Akka.Actor;
using Akka.Cluster;
using TwoTower.Actors.Cluster.Replication;

namespace TwoTower.Actors.Cluster.Majority;

/// <summary>Answers the coordinator's pulses for a node, and keeps the node's lease.</summary>
public sealed class MajorityHolderActor : ReceiveActor
{
    /// <summary>Name under <c>/user</c> of every node's.</summary>
    public const string Name = "majority";

    /// <summary>Where the cluster's own heartbeats are handled: nothing that computes runs there.</summary>
    public const string Dispatcher = "akka.actor.internal-dispatcher";

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);

    /// <summary>An actor that keeps a lease.</summary>
    public MajorityHolderActor(MajorityLease lease)
    {
        var (own, clock) = (ServerWatch.NameOf(_cluster.SelfUniqueAddress), Context.System.Scheduler);
        Receive<MajorityProtocol.Pulse>(pulse => pulse.Node == own && IsMember(Sender), pulse =>
        {
            lease.Take(pulse, clock.MonotonicClock.TotalSeconds);
            Sender.Tell(new MajorityProtocol.Echo(own, pulse.Sent, clock.MonotonicClock.TotalSeconds));
        });
        Receive<MajorityProtocol.Pulse>(_ => { });
    }

    /// <summary>Props of the actor.</summary>
    public static Props Props(MajorityLease lease) => Akka.Actor.Props.Create(() => new MajorityHolderActor(lease)).WithDispatcher(Dispatcher);

    /// <summary>A coordinator that this node knows to be downed must not count it as in sight: its side has been given up.</summary>
    private bool IsMember(IActorRef coordinator)
    {
        var address = coordinator.Path.Address.HasLocalScope ? _cluster.SelfAddress : coordinator.Path.Address;
        return _cluster.State.Members.Any(member => member.Address == address && member.Status is MemberStatus.Up or MemberStatus.Leaving or MemberStatus.Exiting);
    }
}
