namespace TwoTower.Model.Data.Splitting;

/// <summary>Puts interactions of one time into the order that <see cref="InteractionLog"/> promises.</summary>
internal static class LogOrder
{
    /// <summary>Sorts each run of equal timestamps by user, then item, in place.</summary>
    public static InteractionLog WithTiesInOrder(InteractionLog log)
    {
        for (var start = 0; start < log.Count;)
        {
            var end = start + 1;
            var sorted = true;
            while (end < log.Count && log.Timestamps[end] == log.Timestamps[start])
            {
                sorted &= Key(log, end - 1) <= Key(log, end);
                end++;
            }

            if (!sorted)
            {
                var keys = new long[end - start];
                for (var n = start; n < end; n++)
                {
                    keys[n - start] = Key(log, n);
                }

                Array.Sort(keys);
                for (var n = start; n < end; n++)
                {
                    log.Users[n] = (int)(keys[n - start] >> 32);
                    log.Items[n] = (int)keys[n - start];
                }
            }

            start = end;
        }

        return log;
    }

    private static long Key(InteractionLog log, int n) => ((long)log.Users[n] << 32) | (uint)log.Items[n];
}
