using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace TwoTower.Actors.Simulation.Time;

/// <summary>Akka's scheduler over virtual time: every timer, lease and time-out of the actors runs on it. Named in
/// <see cref="VirtualTimeHosting.Configuration"/>.</summary>
/// <param name="config">The scheduler's section; nothing of it is used.</param>
/// <param name="log">Nothing is logged.</param>
internal sealed class VirtualTimeScheduler(Config config, ILoggingAdapter log) : SchedulerBase(config, log)
{
    /// <summary>The clock.</summary>
    public VirtualTime Time { get; } = new();

    /// <inheritdoc />
    public override TimeSpan MonotonicClock => TimeSpan.FromTicks(Time.Ticks);

    /// <inheritdoc />
    public override TimeSpan HighResMonotonicClock => MonotonicClock;

    /// <inheritdoc />
    protected override DateTimeOffset TimeNow => DateTimeOffset.UnixEpoch + MonotonicClock;

    /// <inheritdoc />
    protected override void InternalScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender,
        ICancelable cancelable) =>
            Time.After(delay.Ticks, new Timer(Time, 0, cancelable, receiver, message, sender));

    /// <inheritdoc />
    protected override void InternalScheduleTellRepeatedly(TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message,
        IActorRef sender, ICancelable cancelable) =>
            Time.After(initialDelay.Ticks, new Timer(Time, interval.Ticks, cancelable, receiver, message, sender));

    /// <inheritdoc />
    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) =>
        Time.After(delay.Ticks, new Call(Time, 0, cancelable, action));

    /// <inheritdoc />
    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable) =>
        Time.After(delay.Ticks, new Call(Time, 0, cancelable, action.Run));

    /// <inheritdoc />
    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        Time.After(initialDelay.Ticks, new Call(Time, interval.Ticks, cancelable, action));

    /// <inheritdoc />
    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action,
        ICancelable cancelable) =>
            Time.After(initialDelay.Ticks, new Call(Time, interval.Ticks, cancelable, action.Run));

    private sealed class Timer(VirtualTime time, long interval, ICancelable? cancelable, ICanTell receiver, object message,
        IActorRef sender) : IVirtualEvent
    {
        public void Happen()
        {
            if (cancelable is { IsCancellationRequested: true })
            {
                return;
            }

            receiver.Tell(message, sender);
            if (interval > 0)
            {
                time.After(interval, this);
            }
        }
    }

    private sealed class Call(VirtualTime time, long interval, ICancelable? cancelable, Action action) : IVirtualEvent
    {
        public void Happen()
        {
            if (cancelable is { IsCancellationRequested: true })
            {
                return;
            }

            action();
            if (interval > 0)
            {
                time.After(interval, this);
            }
        }
    }
}
