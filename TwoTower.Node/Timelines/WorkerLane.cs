using TwoTower.Actors.Ids;
using TwoTower.Actors.Simulation.Tracing;
using TwoTower.Actors.Work;

namespace TwoTower.Node.Timelines;

/// <summary>What a worker is doing. Where several go on at once, the first of these that does counts, after <see cref="Down"/>.</summary>
internal enum LaneState
{
    /// <summary>Nothing is under way: it waits for a lease.</summary>
    Wait = 0,

    /// <summary>It computes a gradient.</summary>
    Compute = 1,

    /// <summary>It waits for rows.</summary>
    Pull = 2,

    /// <summary>It waits for acknowledgements.</summary>
    Push = 3,

    /// <summary>It has crashed.</summary>
    Down = 4,
}

/// <summary>Follows one worker through a trace.</summary>
/// <param name="node">The worker's node.</param>
internal sealed class WorkerLane(NodeId node)
{
    private readonly List<(long Ticks, LaneState State)> _changes = [];
    private readonly HashSet<(long Ticket, int Shard)> _pulls = [];
    private readonly HashSet<(long Batch, int Shard)> _pushes = [];
    private long _computingUntil;
    private bool _down;

    /// <summary>From when on which state, in order of time; before the first it waits.</summary>
    public IReadOnlyList<(long Ticks, LaneState State)> Changes => _changes;

    /// <summary>Takes an event that has the worker at either end.</summary>
    public void Take(in TraceEvent traced)
    {
        PassTo(traced.Ticks);
        switch (traced.Kind)
        {
            case TraceKind.Work when traced.Code == (int)WorkKind.Gradient:
                _computingUntil = traced.Ticks + traced.Bytes;
                break;
            case TraceKind.Fault when traced.Text == "crash":
                Forget();
                _computingUntil = traced.Ticks;
                _down = true;
                break;
            case TraceKind.Fault when traced.Text == "restart":
                _down = false;
                break;
            case TraceKind.Sent when traced.From == node:
                OnSent(traced);
                break;
            case TraceKind.Delivered when traced.To == node:
                OnDelivered(traced);
                break;
        }

        Note(traced.Ticks);
    }

    /// <summary>Brings the lane up to a moment.</summary>
    public void PassTo(long ticks)
    {
        if (_computingUntil <= ticks && _changes.Count > 0 && _changes[^1].State == LaneState.Compute)
        {
            Note(_computingUntil);
        }
    }

    private void OnSent(in TraceEvent traced)
    {
        switch (traced.Message)
        {
            case TraceMessage.Join:
                Forget(); // a new life begins with empty hands
                break;
            case TraceMessage.Pull:
                _pulls.Add((traced.Key, traced.To.Index));
                break;
            case TraceMessage.Push:
                _pushes.Add((traced.Key, traced.To.Index));
                break;
        }
    }

    private void OnDelivered(in TraceEvent traced)
    {
        switch (traced.Message)
        {
            case TraceMessage.Rows:
                _pulls.Remove((traced.Key, traced.From.Index));
                break;
            case TraceMessage.PushAck:
                _pushes.Remove((traced.Key, traced.From.Index));
                break;
        }
    }

    private void Forget()
    {
        _pulls.Clear();
        _pushes.Clear();
    }

    private void Note(long ticks)
    {
        var state = _down ? LaneState.Down
            : ticks < _computingUntil ? LaneState.Compute
            : _pulls.Count > 0 ? LaneState.Pull
            : _pushes.Count > 0 ? LaneState.Push
            : LaneState.Wait;
        if (_changes.Count > 0 && _changes[^1].Ticks == ticks)
        {
            _changes.RemoveAt(_changes.Count - 1); // a state of no length
        }

        if (state != (_changes.Count > 0 ? _changes[^1].State : LaneState.Wait))
        {
            _changes.Add((ticks, state));
        }
    }
}
