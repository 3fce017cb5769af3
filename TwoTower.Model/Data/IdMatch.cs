namespace TwoTower.Model.Data;

/// <summary>How many of the ids in some files another side knows. Ids are compared letter by letter, so where none is known the two sides
/// write them in different ways, and what was read for would silently do nothing.</summary>
/// <param name="what">What has the ids: "user", "item".</param>
/// <param name="where">What is read, as a sentence names it.</param>
/// <param name="known">The ids of the other side.</param>
/// <param name="knower">The other side, as a sentence names it.</param>
internal sealed class IdMatch(string what, string where, IdCatalogue known, string knower)
{
    private string? _stranger;

    /// <summary>Ids that were looked at.</summary>
    public int All { get; private set; }

    /// <summary>Those that the other side knows.</summary>
    public int Known { get; private set; }

    /// <summary>The index of an id on the other side, or -1.</summary>
    public int IndexOf(string id)
    {
        All++;
        if (known.TryGetIndex(id, out var index))
        {
            Known++;
            return index;
        }

        _stranger ??= id;
        return -1;
    }

    /// <summary>Refuses files of which nothing is known on the other side.</summary>
    /// <exception cref="DataException">There are ids, and none is known.</exception>
    public void RefuseNone()
    {
        if (All > 0 && Known == 0)
        {
            throw new DataException(
                $"No {what} in {where} is one of {knower}: there is '{_stranger}' in {where}, and '{known.RawIds.FirstOrDefault()}' "
                    + $"among {knower}. Ids are compared letter by letter; write them alike on both sides.");
        }
    }
}
