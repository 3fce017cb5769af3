namespace TwoTower.Model.Data.Splitting;

/// <summary>Sorts rows of a rating table by counting and by radix over row numbers, so that the columns themselves never move.</summary>
internal static class RatingSort
{
    private const int DigitBits = 11;
    private const int Digits = 1 << DigitBits;

    /// <summary>All rows by user, then item, then row.</summary>
    /// <returns>The rows, and where each user's rows start (users + 1 places).</returns>
    public static (int[] Rows, int[] UserStart) ByUserAndItem(RatingTable table)
    {
        var start = new int[table.Users.Count + 1];
        for (var row = 0; row < table.Count; row++)
        {
            start[table.UserAt(row) + 1]++;
        }

        var most = 0;
        for (var user = 0; user < table.Users.Count; user++)
        {
            most = Math.Max(most, start[user + 1]);
            start[user + 1] += start[user];
        }

        var rows = new int[table.Count];
        var next = start.AsSpan(0, table.Users.Count).ToArray();
        for (var row = 0; row < table.Count; row++)
        {
            rows[next[table.UserAt(row)]++] = row;
        }

        // Item and row in one number sort faster than through a comparison that looks into the columns.
        var keys = new long[most];
        for (var user = 0; user < table.Users.Count; user++)
        {
            var own = rows.AsSpan(start[user], start[user + 1] - start[user]);
            var ownKeys = keys.AsSpan(0, own.Length);
            for (var n = 0; n < own.Length; n++)
            {
                ownKeys[n] = ((long)table.ItemAt(own[n]) << 32) | (uint)own[n];
            }

            ownKeys.Sort();
            for (var n = 0; n < own.Length; n++)
            {
                own[n] = (int)ownKeys[n];
            }
        }

        return (rows, start);
    }

    /// <summary>Sorts rows by time, keeping the order of rows of one time.</summary>
    public static int[] ByTime(RatingTable table, int[] rows)
    {
        if (rows.Length == 0)
        {
            return rows;
        }

        var (earliest, latest) = TimeCut.Span(table);
        var from = rows;
        var to = new int[rows.Length];
        var next = new int[Digits];
        for (var shift = 0; shift < 64 && (latest - earliest) >> shift != 0; shift += DigitBits)
        {
            Array.Clear(next);
            foreach (var row in from)
            {
                next[Digit(table.TimestampAt(row) - earliest, shift)]++;
            }

            var sum = 0;
            for (var digit = 0; digit < Digits; digit++)
            {
                (next[digit], sum) = (sum, sum + next[digit]);
            }

            foreach (var row in from)
            {
                to[next[Digit(table.TimestampAt(row) - earliest, shift)]++] = row;
            }

            (from, to) = (to, from);
        }

        return from;
    }

    private static int Digit(long offset, int shift) => (int)(offset >> shift) & (Digits - 1);
}
