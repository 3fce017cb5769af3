using System.Numerics.Tensors;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.ParameterServer;

/// <summary>One table's rows as one worker is shown them.</summary>
/// <param name="table">The table.</param>
/// <param name="width">Floats per row.</param>
/// <param name="values">[rows, width], taken over.</param>
/// <param name="versions">Pushes shown per row, taken over.</param>
internal sealed class TableView(TableShard table, int width, float[] values, int[] versions)
{
    /// <summary>Copies rows out as they are shown, taking over the keys.</summary>
    public RowBlock Read(RowKeys keys) => table.Read(keys, this);

    /// <summary>Pushes to a row that are shown.</summary>
    public int VersionOf(int local) => versions[local];

    /// <summary>A row as it is shown.</summary>
    /// <param name="local">Which row.</param>
    /// <param name="whole">The row as it is in the table.</param>
    /// <param name="version">Pushes applied to that.</param>
    public Span<float> Row(int local, ReadOnlySpan<float> whole, int version)
    {
        var row = values.AsSpan(local * width, width);
        if (versions[local] == version)
        {
            whole.CopyTo(row); // nothing is held back: the same bits, whatever the order of the sums was
        }

        return row;
    }

    /// <summary>Shows an update.</summary>
    public void Show(TableUpdate update)
    {
        for (var n = 0; n < update.Locals.Length; n++)
        {
            var local = update.Locals[n];
            var row = values.AsSpan(local * width, width);
            TensorPrimitives.Add(row, update.Steps.AsSpan(n * width, width), row);
            versions[local] += update.Pushes[n];
        }
    }

    /// <summary>Shows everything.</summary>
    public void Reset(ReadOnlySpan<float> wholeValues, ReadOnlySpan<int> wholeVersions)
    {
        wholeValues.CopyTo(values);
        wholeVersions.CopyTo(versions);
    }
}
