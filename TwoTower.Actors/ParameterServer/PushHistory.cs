namespace TwoTower.Actors.ParameterServer;

/// <summary>Who pushed at which clock, for the last pushes of a shard. A worker that reads copies does not pull, so the pull that a push
/// missed cannot tell how far apart they are; the version that a later push was computed from can.</summary>
/// <param name="capacity">Pushes remembered.</param>
internal sealed class PushHistory(int capacity)
{
    private readonly (int Worker, long Clock)[] _last = new (int, long)[capacity];
    private long _first;

    /// <summary>Pushes so far: the shard's version.</summary>
    public long Count { get; private set; }

    /// <summary>Goes on at a version of which nothing is remembered.</summary>
    public void StartAt(long version) => Count = _first = version;

    /// <summary>Takes the next push in.</summary>
    public void Add(int worker, long clock)
    {
        _last[Count % _last.Length] = (worker, clock);
        Count++;
    }

    /// <summary>How many clocks a batch was ahead of the oldest push by another worker that it missed; 0 when it missed none.</summary>
    /// <param name="worker">Whose batch.</param>
    /// <param name="clock">The batch's clock.</param>
    /// <param name="version">The oldest shard version of the rows that it was computed from.</param>
    public long ClocksAhead(int worker, long clock, long version)
    {
        var furthest = 0L;
        for (var push = Math.Max(version, Math.Max(_first, Count - _last.Length)); push < Count; push++)
        {
            var (by, at) = _last[push % _last.Length];
            if (by != worker)
            {
                furthest = Math.Max(furthest, clock - at);
            }
        }

        return furthest;
    }
}
