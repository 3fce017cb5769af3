namespace TwoTower.Model.Data;

/// <summary>Whether the titles that lie beside ratings are of their items.</summary>
internal static class TitleMatch
{
    /// <summary>Compares the ids of a table's titles with those of its items.</summary>
    /// <param name="table">The table.</param>
    public static IdMatch Of(RatingTable table)
    {
        var match = new IdMatch("item", "the titles beside the ratings", table.Items, "the rated items");
        foreach (var id in table.Titles.Keys.Order(StringComparer.Ordinal))
        {
            match.IndexOf(id);
        }

        return match;
    }
}
