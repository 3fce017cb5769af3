namespace TwoTower.Actors.ParameterServer;

/// <summary>Puts the rows of all shards back into the order of the whole table.</summary>
internal static class RowOrder
{
    /// <summary>One array in row order from every shard's in local order.</summary>
    /// <typeparam name="T">Element type.</typeparam>
    /// <param name="layout">Which row lies where.</param>
    /// <param name="width">Elements per row.</param>
    /// <param name="part">A shard's rows, [rows on the shard, width].</param>
    public static T[] Assemble<T>(TableLayout layout, int width, Func<int, T[]> part)
    {
        var whole = new T[layout.Rows * width];
        for (var shard = 0; shard < layout.Shards; shard++)
        {
            var values = part(shard).AsSpan();
            var rows = layout.RowsOf(shard);
            for (var local = 0; local < rows.Length; local++)
            {
                values.Slice(local * width, width).CopyTo(whole.AsSpan(rows[local] * width));
            }
        }

        return whole;
    }
}
