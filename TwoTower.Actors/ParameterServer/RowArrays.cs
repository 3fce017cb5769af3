using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.ParameterServer;

/// <summary>The arrays of one table's rows on one shard, in local order: all that outlives a step. They are never replaced, so whoever
/// steps the rows may hold on to them.</summary>
internal sealed class RowArrays
{
    private RowArrays(int rows, int width, int[] slotWidths)
    {
        Values = new float[rows * width];
        Slots = [.. slotWidths.Select(slotWidth => new float[rows * slotWidth])];
        RowSteps = new int[rows];
        Versions = new int[rows];
    }

    /// <summary>The rows.</summary>
    public float[] Values { get; }

    /// <summary>What belongs to every row beside its values.</summary>
    public float[][] Slots { get; }

    /// <summary>How often each row was stepped.</summary>
    public int[] RowSteps { get; }

    /// <summary>Pushes applied to each row.</summary>
    public int[] Versions { get; }

    /// <summary>Rows that nothing has been learned of.</summary>
    /// <param name="rows">Their indices in the whole table.</param>
    /// <param name="width">Floats per row.</param>
    /// <param name="slotWidths">Floats per row of each slot.</param>
    /// <param name="initialise">Fills one row, given its index in the whole table.</param>
    public static RowArrays Initial(ReadOnlySpan<int> rows, int width, int[] slotWidths, Action<int, Memory<float>> initialise)
    {
        var arrays = new RowArrays(rows.Length, width, slotWidths);
        for (var local = 0; local < rows.Length; local++)
        {
            initialise(rows[local], arrays.Values.AsMemory(local * width, width));
        }

        return arrays;
    }

    /// <summary>Rows of a checkpoint.</summary>
    /// <param name="rows">Their indices in the whole table.</param>
    /// <param name="width">Floats per row.</param>
    /// <param name="slotWidths">Floats per row of each slot.</param>
    /// <param name="image">The whole table, in its own order.</param>
    public static RowArrays Restored(ReadOnlySpan<int> rows, int width, int[] slotWidths, TableImage image)
    {
        var arrays = new RowArrays(rows.Length, width, slotWidths);
        for (var local = 0; local < rows.Length; local++)
        {
            var row = rows[local];
            image.Values.AsSpan(row * width, width).CopyTo(arrays.Values.AsSpan(local * width));
            for (var slot = 0; slot < slotWidths.Length; slot++)
            {
                var slotWidth = slotWidths[slot];
                image.Slots[slot].AsSpan(row * slotWidth, slotWidth).CopyTo(arrays.Slots[slot].AsSpan(local * slotWidth));
            }

            arrays.RowSteps[local] = image.RowSteps[row];
        }

        return arrays;
    }

    /// <summary>A copy of what a checkpoint needs.</summary>
    public TableImage Copy() => new((float[])Values.Clone(), [.. Slots.Select(slot => (float[])slot.Clone())], (int[])RowSteps.Clone());

    /// <summary>Brings a copy up to date in some rows.</summary>
    /// <param name="image">A copy of what a checkpoint needs.</param>
    /// <param name="versions">A copy of the versions.</param>
    /// <param name="locals">The rows that have changed since.</param>
    public void CopyTo(TableImage image, int[] versions, ReadOnlySpan<int> locals)
    {
        foreach (var local in locals)
        {
            CopyRow(Values, image.Values, local);
            for (var slot = 0; slot < Slots.Length; slot++)
            {
                CopyRow(Slots[slot], image.Slots[slot], local);
            }

            image.RowSteps[local] = RowSteps[local];
            versions[local] = Versions[local];
        }
    }

    /// <summary>Goes on from a copy of the same rows.</summary>
    /// <param name="image">Rows, in local order.</param>
    /// <param name="versions">Pushes applied to each.</param>
    public void Take(TableImage image, int[] versions)
    {
        image.Values.CopyTo(Values, 0);
        for (var slot = 0; slot < Slots.Length; slot++)
        {
            image.Slots[slot].CopyTo(Slots[slot], 0);
        }

        image.RowSteps.CopyTo(RowSteps, 0);
        versions.CopyTo(Versions, 0);
    }

    private void CopyRow(float[] from, float[] to, int local)
    {
        var width = from.Length / RowSteps.Length;
        from.AsSpan(local * width, width).CopyTo(to.AsSpan(local * width));
    }
}
