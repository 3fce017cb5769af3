namespace TwoTower.Actors.Training;

/// <summary>How many workers stand at each clock. The lowest clock is known without looking at all of them.</summary>
/// <remarks>When the last worker leaves the lowest clock, the next is looked for clock by clock; as clocks rise,
/// that is done once for each of them.</remarks>
internal sealed class ClockCounts
{
    private readonly Dictionary<long, int> _workersAt = [];
    private int _workers;

    /// <summary>The lowest clock of any worker. It means nothing when there are none.</summary>
    public long Least { get; private set; }

    /// <summary>A worker stands at a clock.</summary>
    public void Add(long clock)
    {
        Least = _workers++ == 0 ? clock : Math.Min(Least, clock);
        _workersAt[clock] = _workersAt.GetValueOrDefault(clock) + 1;
    }

    /// <summary>A worker stands there no longer.</summary>
    public void Remove(long clock)
    {
        if (--_workersAt[clock] == 0)
        {
            _workersAt.Remove(clock);
        }

        _workers--;
        while (_workers > 0 && !_workersAt.ContainsKey(Least))
        {
            Least++;
        }
    }

    /// <summary>A worker goes from one clock to another.</summary>
    public void Move(long from, long to)
    {
        if (from != to)
        {
            Add(to);
            Remove(from);
        }
    }
}
