using Akka.Actor;
using Akka.Cluster;
using TwoTower.Actors.Cluster.Replication;

namespace TwoTower.Actors.Cluster.Majority;

/// <summary>Sends pulses to every member beside the coordinator, and hears their echoes. What they are worth <see cref="MajorityGrants"/> decides.</summary>
public sealed class MajorityGrantorActor : ReceiveActor, IWithTimers
{
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly IScheduler _scheduler = Context.System.Scheduler;
    private readonly MajorityTimes _times;
    private readonly MajorityGrants _grants;

    /// <summary>An actor that has heard nobody yet.</summary>
    public MajorityGrantorActor()
    {
        _times = MajorityTimes.Within(_cluster.DowningProvider.DownRemovalMargin);
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
    public static Props Props() => Akka.Actor.Props.Create(() => new MajorityGrantorActor()).WithDispatcher(MajorityHolderActor.Dispatcher);

    /// <inheritdoc />
    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, TimeSpan.Zero, TimeSpan.FromSeconds(_times.Pulse));

    private void OnTick()
    {
        // Those that keep-majority counts, in its order: Joining, WeaklyUp, Exiting and Down are left out.
        Member[] members = [.. _cluster.State.Members.Where(member => member.Status is MemberStatus.Up or MemberStatus.Leaving).Order()];
        _grants.SetMembers([.. members.Select(member => ServerWatch.NameOf(member.UniqueAddress))]);
        foreach (var member in members)
        {
            Context.ActorSelection(new RootActorPath(member.Address) / "user" / MajorityHolderActor.Name).Tell(_grants.To(ServerWatch.NameOf(member.UniqueAddress), Now));
        }
    }

    private sealed class Tick : INoSerializationVerificationNeeded
    {
        public static readonly Tick Instance = new();
    }
}
