namespace TwoTower.Model.Data.Splitting;

/// <summary>What of a pair that stands in the source more than once counts.</summary>
internal sealed partial class RatingParts
{
    /// <summary>Keeps one of the rows that say the same: of one user, item and time, the highest rating. Before anything is cut, so that a
    /// row that stands in the source twice moves no cut.</summary>
    /// <param name="rows">All rows by user and item.</param>
    public void DropRepeats(int[] rows)
    {
        var repeats = 0;
        var kept = new Dictionary<long, int>();
        for (var start = 0; start < rows.Length;)
        {
            var end = EndOfPair(rows, start);
            kept.Clear();
            foreach (var row in end - start > 1 ? rows.AsSpan(start, end - start) : [])
            {
                if (_parts[row] == Dropped)
                {
                    continue;
                }

                if (!kept.TryGetValue(_table.TimestampAt(row), out var other))
                {
                    kept[_table.TimestampAt(row)] = row;
                    continue;
                }

                var lower = IsLater(row, other) ? other : row;
                kept[_table.TimestampAt(row)] = lower == row ? other : row;
                _parts[lower] = Dropped;
                repeats++;
            }

            start = end;
        }

        if (repeats > 0)
        {
            _warnings.Add($"Left out {repeats} repeated {(repeats == 1 ? "row" : "rows")}: the same user, item and time.");
        }
    }

    // Within a part only: were the latest of all kept, a rating of the test period would remove one from train, and train would know the
    // future. Leave-last-out has no parts yet, so there it is the latest of all.
    public void DropDuplicates(int[] rows)
    {
        Span<int> kept = stackalloc int[3];
        var duplicates = 0;
        for (var start = 0; start < rows.Length;)
        {
            var end = EndOfPair(rows, start);
            if (end - start > 1)
            {
                kept.Fill(-1);
                foreach (var row in rows.AsSpan(start, end - start))
                {
                    var part = _parts[row];
                    if (part == Dropped)
                    {
                        continue;
                    }

                    ref var latest = ref kept[part];
                    if (latest >= 0)
                    {
                        var older = IsLater(row, latest) ? latest : row;
                        _parts[older] = Dropped;
                        duplicates++;
                        latest = older == row ? latest : row;
                    }
                    else
                    {
                        latest = row;
                    }
                }
            }

            start = end;
        }

        if (duplicates > 0)
        {
            _warnings.Add($"Dropped {duplicates} older ratings of a user and item that were rated again in the same part.");
        }
    }

    // Of one time the higher rating: which row comes later in the source, must not matter.
    private bool IsLater(int row, int than) =>
        (_table.TimestampAt(row), _table.RatingAt(row)).CompareTo((_table.TimestampAt(than), _table.RatingAt(than))) > 0;

    private int EndOfPair(int[] rows, int start)
    {
        var end = start + 1;
        while (end < rows.Length && SamePair(rows[start], rows[end]))
        {
            end++;
        }

        return end;
    }

    private bool SamePair(int left, int right) =>
        _table.UserAt(left) == _table.UserAt(right) && _table.ItemAt(left) == _table.ItemAt(right);
}
