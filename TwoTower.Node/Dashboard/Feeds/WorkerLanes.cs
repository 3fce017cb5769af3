using TwoTower.Node.Telemetry;

namespace TwoTower.Node.Dashboard.Feeds;

/// <summary>What every worker was doing at every progress line: a byte each, because an hour has thousands of lines.</summary>
internal sealed class WorkerLanes
{
    private const byte Absent = 0, Waiting = 1, Computing = 2, Lost = 3;

    private readonly SortedDictionary<int, int> _slots = [];
    private readonly List<byte[]> _rows = [];

    /// <summary>Whether no line has named a worker.</summary>
    public bool IsEmpty => _slots.Count == 0;

    /// <summary>Takes a line in.</summary>
    public void Add(IReadOnlyList<RunEvent.Worker>? workers)
    {
        foreach (var worker in workers ?? [])
        {
            _slots.TryAdd(worker.Id, _slots.Count);
        }

        var row = new byte[_slots.Count];
        foreach (var worker in workers ?? [])
        {
            row[_slots[worker.Id]] = worker.State switch { "computing" => Computing, "waiting" => Waiting, _ => Lost };
        }

        _rows.Add(row);
    }

    /// <summary>Forgets all rows from one on.</summary>
    public void TakeBack(int row) => _rows.RemoveRange(row, _rows.Count - row);

    /// <summary>The cells of some rows, as <see cref="LaneColumns.Cells"/> has them.</summary>
    /// <param name="from">First row.</param>
    /// <param name="rows">Rows from there on.</param>
    /// <param name="buckets">Cells to make of them.</param>
    public IReadOnlyDictionary<int, string> Cells(int from, int rows, int buckets) => _slots.ToDictionary(
        slot => slot.Key,
        slot => string.Create(buckets, (Lanes: this, Slot: slot.Value), (cells, of) =>
        {
            for (var bucket = 0; bucket < cells.Length; bucket++)
            {
                var (first, last) = Downsampling.Bounds(rows, buckets, bucket);
                cells[bucket] = of.Lanes.Cell(of.Slot, from + first, from + last);
            }
        }));

    private char Cell(int slot, int from, int to)
    {
        var (computing, there) = (0, 0);
        for (var row = from; row < to; row++)
        {
            switch (slot < _rows[row].Length ? _rows[row][slot] : Absent)
            {
                case Lost:
                    return 'x'; // however short: it is what one looks for
                case Computing:
                    (computing, there) = (computing + 1, there + 1);
                    break;
                case Waiting:
                    there++;
                    break;
            }
        }

        return there == 0 ? ' ' : (char)('0' + (9 * computing / there));
    }
}
