namespace TwoTower.Model.Data.Splitting;

/// <summary>Finds the timestamp that stands at a given place of the time order, without sorting a copy of the column.</summary>
internal static class TimeCut
{
    private const int MostBuckets = 1 << 20;

    /// <summary>The <paramref name="place"/>-th smallest timestamp, from 0, of the rows that count.</summary>
    public static long TimestampAtPlace(RatingTable table, int place, Func<int, bool> counts)
    {
        var (earliest, latest) = Span(table);
        var shift = 0;
        while ((latest - earliest) >> shift >= MostBuckets)
        {
            shift++;
        }

        var histogram = new int[((latest - earliest) >> shift) + 1];
        for (var row = 0; row < table.Count; row++)
        {
            histogram[(table.TimestampAt(row) - earliest) >> shift] += counts(row) ? 1 : 0;
        }

        var bucket = 0;
        while (place >= histogram[bucket])
        {
            place -= histogram[bucket++];
        }

        var inside = new List<long>(histogram[bucket]);
        for (var row = 0; row < table.Count; row++)
        {
            var timestamp = table.TimestampAt(row);
            if ((timestamp - earliest) >> shift == bucket && counts(row))
            {
                inside.Add(timestamp);
            }
        }

        inside.Sort();
        return inside[place];
    }

    /// <summary>Earliest and latest timestamp of a table that is not empty.</summary>
    public static (long Earliest, long Latest) Span(RatingTable table)
    {
        var earliest = long.MaxValue;
        var latest = long.MinValue;
        for (var row = 0; row < table.Count; row++)
        {
            earliest = Math.Min(earliest, table.TimestampAt(row));
            latest = Math.Max(latest, table.TimestampAt(row));
        }

        return (earliest, latest);
    }
}
