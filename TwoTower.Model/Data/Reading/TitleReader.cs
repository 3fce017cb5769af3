namespace TwoTower.Model.Data;

/// <summary>Reads item titles. Titles only decorate reports, so a row that does not parse is passed over.</summary>
internal static class TitleReader
{
    /// <summary>Adds a file's titles, if it is a file of titles.</summary>
    public static void Read(DetectedFile file, IDictionary<string, string> titles, ScratchFolder scratch)
    {
        if (file.Titles is { } columns)
        {
            DuckTable.Read(file.File, file.Layout!, [columns.Item, columns.Title], scratch, cells =>
            {
                for (var row = 0; row < cells.Count; row++)
                {
                    titles[TextDialect.TextOf(file.File.BytesOf(cells[0, row])).Trim()] = TextDialect.TextOf(file.File.BytesOf(cells[1, row])).Trim();
                }
            });
        }
    }
}
