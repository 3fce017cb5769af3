using Akka.Actor;
using TwoTower.Actors.Hosting.Membership;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Hosting.Majority;

/// <summary>Sends pulses to every member beside the coordinator, and hears their echoes. What they are worth
/// <see cref="MajorityGrants"/> decides.</summary>
internal sealed class MajorityGrantorActor : ReceiveActor, IWithTimers
{
    private readonly IMembership _membership;
    private readonly IScheduler _scheduler = Context.System.Scheduler;
    private readonly MajorityTimes _times;
    private readonly MajorityGrants _grants;

    /// <summary>An actor that has heard nobody yet.</summary>
    /// <param name="membership">The members as the coordinator's node sees them.</param>
    public MajorityGrantorActor(IMembership membership)
    {
        _membership = membership;
        _times = MajorityTimes.Within(membership.RemovalMargin);
        _grants = new MajorityGrants(_times.Lease);
        Receive<Tick>(_ => OnTick());
        Receive<MajorityProtocol.Echo>(echo =>
        {
            if (_grants.Hear(echo, Now))
            {
                Sender.Tell(_grants.To(echo.Node, Now)); // a node that has just come need not wait for the next round
            }
        });
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    private double Now => _scheduler.MonotonicClock.TotalSeconds;

    /// <summary>Props of the actor, on the dispatcher of the cluster's own heartbeats.</summary>
    public static Props Props(IMembership membership) => Akka.Actor.Props.Create(() => new MajorityGrantorActor(membership))
        .WithDispatcher(MajorityHolderActor.Dispatcher);

    /// <inheritdoc />
    protected override void PreStart() =>
        Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, TimeSpan.Zero, TimeSpan.FromSeconds(_times.Pulse));

    private void OnTick()
    {
        // Those that keep-majority counts, in its order: Joining, WeaklyUp, Exiting and Down are left out.
        Peer[] members = [.. _membership.Members.Where(member => member.Status is PeerStatus.Up or PeerStatus.Leaving)];
        _grants.SetMembers([.. members.Select(member => member.Name)]);
        foreach (var member in members)
        {
            _membership.ActorOn(member, MajorityHolderActor.Name).Tell(_grants.To(member.Name, Now), Self);
        }
    }

    private sealed class Tick : INoSerializationVerificationNeeded
    {
        public static readonly Tick Instance = new();
    }
}
