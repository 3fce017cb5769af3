using Akka.Actor;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Simulation.Time;
using TwoTower.Actors.Work;

namespace TwoTower.Actors.Simulation.Compute;

/// <summary>One machine: its clock speed, its network interface, and how often it has crashed.</summary>
/// <param name="time">The world's time.</param>
/// <param name="observers">Who sees what it does.</param>
/// <param name="id">Which node it is.</param>
/// <param name="model">How fast it is.</param>
internal class Machine(VirtualTime time, IReadOnlyList<IWorldObserver> observers, NodeId id, ComputeModel model) : ITimedWork
{
    private readonly List<long> _crashedAt = [];
    private double _computesUntil;

    public NodeId Id => id;

    public ComputeModel Model => model;

    /// <summary>Until when the interface sends what it has been given, in ticks.</summary>
    public double SendFree { get; set; }

    /// <summary>Until when the interface receives what has reached it, in ticks.</summary>
    public double ReceiveFree { get; set; }

    /// <summary>Messages that have reached the interface and not the actor.</summary>
    public int Receiving { get; set; }

    /// <summary>How often the machine has crashed.</summary>
    public int Crashes => _crashedAt.Count;

    /// <summary>Writes to come that will report success and leave nothing.</summary>
    public int WritesToLose { get; set; }

    /// <summary>What the machine was doing is undone: what its interface held, and what it was computing.</summary>
    public virtual void Crash()
    {
        _crashedAt.Add(time.Ticks);
        (SendFree, ReceiveFree, Receiving, _computesUntil) = (0, 0, 0, 0);
    }

    /// <summary>Whether the machine crashed since a moment at which it had done so <paramref name="crashes"/> times,
    /// and before another (in ticks).</summary>
    public bool CrashedBetween(int crashes, double before) => Crashes > crashes && _crashedAt[crashes] < before;

    /// <summary>For whoever keeps the machine's disk, once per write: whether this one is to report success and leave nothing.</summary>
    public bool TakeLostWrite()
    {
        if (WritesToLose == 0)
        {
            return false;
        }

        WritesToLose--;
        return true;
    }

    public void Run(IActorRef to, WorkKind kind, long size, Func<object> work)
    {
        // One gradient after the other: a worker that began a new life may ask for one while that of the old life is still being computed.
        var now = time.Seconds;
        var waits = kind == WorkKind.Gradient ? Math.Max(0, _computesUntil - now) : 0;
        var seconds = waits + model.SecondsOf(now + waits, kind, size);
        if (kind == WorkKind.Gradient)
        {
            _computesUntil = now + seconds;
        }

        foreach (var observer in observers)
        {
            observer.Working(now, id, kind, size, seconds);
        }

        // Numbers are worked out now and told when the machine would have been done. A write is there when it is done, or not at all.
        var (result, crashes) = (kind == WorkKind.DiskWrite ? null : RealTimeWork.Result(work), Crashes);
        time.After(VirtualTime.TicksOf(seconds), new VirtualCall(() =>
        {
            if (Crashes == crashes)
            {
                to.Tell(result ?? RealTimeWork.Result(work), to);
            }
        }));
    }
}
