using System.Collections.Concurrent;
using Akka.Dispatch;

namespace TwoTower.Actors.Simulation.Time;

/// <summary>Virtual time: what is ready runs first, in order; then the clock jumps to the next event. One thread, so the order of events is
/// a function of what was scheduled and nothing else.</summary>
internal sealed class VirtualTime
{
    private readonly PriorityQueue<IVirtualEvent, Moment> _events = new();
    private readonly Queue<IRunnable> _ready = new();
    private readonly ConcurrentQueue<IRunnable> _foreign = new();
    private long _sequence;
    private int _thread = Environment.CurrentManagedThreadId;

    /// <summary>Ticks (100 ns) since the beginning.</summary>
    public long Ticks { get; private set; }

    /// <summary>Seconds since the beginning.</summary>
    public double Seconds => (double)Ticks / TimeSpan.TicksPerSecond;

    /// <summary>Events fired and messages run so far.</summary>
    public long Steps { get; private set; }

    /// <summary>Ticks of a number of seconds, at least 0.</summary>
    public static long TicksOf(double seconds) => (long)Math.Round(Math.Max(0, seconds) * TimeSpan.TicksPerSecond);

    /// <summary>Lets an event happen after some ticks; events of one moment happen in the order in which they were scheduled.</summary>
    public void After(long ticks, IVirtualEvent happening) =>
        _events.Enqueue(happening, new Moment(Ticks + Math.Max(0, ticks), _sequence++));

    /// <summary>Lets something run at this moment, after what is ready already. From another thread: at some moment soon.</summary>
    public void Run(IRunnable runnable)
    {
        if (Environment.CurrentManagedThreadId == _thread)
        {
            _ready.Enqueue(runnable);
        }
        else
        {
            _foreign.Enqueue(runnable);
        }
    }

    /// <summary>Makes the calling thread the one that pumps.</summary>
    public void Own() => _thread = Environment.CurrentManagedThreadId;

    /// <summary>Runs all that is ready, or, when nothing is, lets time pass to the next event. False when nothing is left.</summary>
    public bool Step()
    {
        if (RunReady())
        {
            return true;
        }

        if (!_events.TryDequeue(out var happening, out var moment))
        {
            return false;
        }

        Ticks = moment.Ticks;
        Steps++;
        happening.Happen();
        return true;
    }

    /// <summary>Runs all that is ready without letting time pass; true when anything was.</summary>
    public bool RunReady()
    {
        var ran = false;
        while (_ready.TryDequeue(out var runnable) || _foreign.TryDequeue(out runnable))
        {
            Steps++;
            ran = true;
            runnable.Run();
        }

        return ran;
    }

    private readonly record struct Moment(long Ticks, long Sequence) : IComparable<Moment>
    {
        public int CompareTo(Moment other) => Ticks != other.Ticks ? Ticks.CompareTo(other.Ticks) : Sequence.CompareTo(other.Sequence);
    }
}

/// <summary>Something that happens at a moment of virtual time.</summary>
internal interface IVirtualEvent
{
    /// <summary>It happens.</summary>
    void Happen();
}

/// <summary>An event that is a call.</summary>
/// <param name="action">What happens.</param>
internal sealed class VirtualCall(Action action) : IVirtualEvent
{
    /// <inheritdoc />
    public void Happen() => action();
}
