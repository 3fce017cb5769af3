namespace TwoTower.Actors.ParameterServer;

/// <summary>A set of batch numbers that fills up from the bottom: a frontier below which all are in, and the few above it.</summary>
internal sealed class BatchSet
{
    private readonly HashSet<long> _above = [];

    /// <summary>A set that holds 0 … <paramref name="frontier"/> − 1.</summary>
    public BatchSet(long frontier = 0) => Frontier = frontier;

    /// <summary>A set that holds 0 … <paramref name="frontier"/> − 1 and the numbers of <paramref name="above"/>.</summary>
    public BatchSet(long frontier, IEnumerable<long> above)
        : this(frontier)
    {
        foreach (var number in above)
        {
            Add(number);
        }
    }

    /// <summary>The numbers above the frontier, ascending.</summary>
    public long[] Above => [.. _above.Order()];

    /// <summary>Every number below it is in the set, and it is not.</summary>
    public long Frontier { get; private set; }

    /// <summary>Numbers in the set above the frontier: 0 when the set has no gap.</summary>
    public int Gaps => _above.Count;

    /// <summary>Whether the number is in the set.</summary>
    public bool Contains(long number) => number < Frontier || _above.Contains(number);

    /// <summary>Adds a number; false when it was in already.</summary>
    public bool Add(long number)
    {
        if (number < Frontier || !_above.Add(number))
        {
            return false;
        }

        while (_above.Remove(Frontier))
        {
            Frontier++;
        }

        return true;
    }
}
