namespace TwoTower.Actors.Simulation.Checking;

/// <summary>A set of numbers that mostly fills up from below. The checkers' own, so that an error in the trainer's
/// or a shard's is not theirs too.</summary>
internal sealed class NumberSet
{
    private readonly SortedSet<long> _above = [];

    public NumberSet(long below = 0) => Below = below;

    /// <summary>Every number below it is in the set.</summary>
    public long Below { get; private set; }

    /// <summary>The numbers above, in order.</summary>
    public IEnumerable<long> Above => _above;

    public bool Contains(long number) => number < Below || _above.Contains(number);

    /// <summary>Whether the set is exactly 0 … <paramref name="end"/> − 1.</summary>
    public bool IsExactly(long end) => Below == end && _above.Count == 0;

    public bool Add(long number)
    {
        if (Contains(number))
        {
            return false;
        }

        _above.Add(number);
        while (_above.Count > 0 && _above.Min == Below)
        {
            _above.Remove(Below);
            Below++;
        }

        return true;
    }

    public override string ToString() => _above.Count == 0
        ? $"batches below {Below}"
        : $"batches below {Below} and {string.Join(", ", _above.Take(8))}{(_above.Count > 8 ? ", …" : string.Empty)}";
}
