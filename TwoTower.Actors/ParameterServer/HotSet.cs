namespace TwoTower.Actors.ParameterServer;

/// <summary>The most accessed rows of one table: those of which workers keep read copies (Renz-Wieland et al. 2022, "NuPS", replicate what
/// is hot and relocate the rest). Immutable; all workers share it.</summary>
internal sealed class HotSet
{
    private readonly int[] _indexOf;

    /// <summary>The rows with the highest frequencies; ties go to the lower row, and a row that is never accessed is not hot.</summary>
    /// <param name="frequencies">Measured accesses per row (train positives).</param>
    /// <param name="count">Rows wanted; 0 is none.</param>
    public HotSet(ReadOnlySpan<int> frequencies, int count)
    {
        var counts = frequencies.ToArray();
        _indexOf = count > 0 ? new int[counts.Length] : [];
        foreach (var row in Enumerable.Range(0, _indexOf.Length).Where(row => counts[row] > 0).OrderByDescending(row => counts[row])
            .ThenBy(row => row).Take(count))
        {
            _indexOf[row] = ++Count;
        }
    }

    /// <summary>Rows in it.</summary>
    public int Count { get; }

    /// <summary>The row's place in the set, 0 being the hottest; −1 when it is not hot.</summary>
    public int IndexOf(int row) => Count == 0 ? -1 : _indexOf[row] - 1;
}

/// <summary>The hot rows of both tables and how old a copy may be.</summary>
/// <param name="Users">Hot user rows.</param>
/// <param name="Items">Hot item rows.</param>
/// <param name="RefreshClocks">A copy that was pulled at clock c serves batches up to clock c + this.</param>
internal sealed record HotRows(HotSet Users, HotSet Items, int RefreshClocks);
