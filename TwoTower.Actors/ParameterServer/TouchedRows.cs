using System.Numerics;

namespace TwoTower.Actors.ParameterServer;

/// <summary>A few of a shard's rows, each with a place of its own and as many floats there as are asked for.</summary>
/// <remarks>Time and memory are those of the rows that are in it, however many the shard has: a hash table from rows to places
/// (open addressing, linear probing, at most half full), which stays in the processor's caches where an array over all rows would not. It
/// and the buffers grow to the most rows that were ever in it at once and are used again.</remarks>
/// <param name="width">Floats kept per row.</param>
internal sealed class TouchedRows(int width)
{
    private int[] _table = new int[16]; // place + 1, 0 for none
    private int _shift = 28;
    private int[] _locals = new int[8];
    private int _count;
    private float[] _values = new float[8 * width];

    /// <summary>The rows by place, which is the order in which they were added.</summary>
    public ReadOnlySpan<int> Locals => _locals.AsSpan(0, _count);

    /// <summary>The place of a row, or −1 when it is not in it.</summary>
    public int PlaceOf(int local) => _table[Find(local)] - 1;

    /// <summary>Adds a row unless it is in it.</summary>
    /// <returns>Whether it was added. What its floats are then is not said.</returns>
    public bool Add(int local, out int place)
    {
        var at = Find(local);
        place = _table[at] - 1;
        if (place >= 0)
        {
            return false;
        }

        if (_count == _locals.Length)
        {
            Grow();
            at = Find(local);
        }

        place = _count++;
        _locals[place] = local;
        _table[at] = place + 1;
        return true;
    }

    /// <summary>The floats at a place, until the next row is added.</summary>
    public Span<float> At(int place) => _values.AsSpan(place * width, width);

    /// <summary>Takes all rows out.</summary>
    public void Clear()
    {
        Array.Clear(_table);
        _count = 0;
    }

    /// <summary>Where a row is in the table, or would be.</summary>
    private int Find(int local)
    {
        var mask = _table.Length - 1;
        var at = (int)(unchecked((uint)local * 2654435769u) >> _shift); // Fibonacci hashing (Knuth, volume 3, 6.4)
        while (_table[at] is var place and > 0 && _locals[place - 1] != local)
        {
            at = (at + 1) & mask;
        }

        return at;
    }

    private void Grow()
    {
        Array.Resize(ref _locals, 2 * _locals.Length);
        Array.Resize(ref _values, _locals.Length * width);
        _table = new int[2 * _locals.Length];
        _shift = 32 - BitOperations.Log2((uint)_table.Length);
        for (var place = 0; place < _count; place++)
        {
            _table[Find(_locals[place])] = place + 1;
        }
    }
}
