namespace TwoTower.Model.Data.Reading;

/// <summary>Reads item titles. Titles only decorate reports, so a row that does not parse is passed over.</summary>
internal static class TitleReader
{
    /// <summary>Adds a file's titles to a table, if it is a file of titles.</summary>
    public static void Read(DetectedFile file, RatingTableBuilder table, ScratchFolder scratch)
    {
        if (file.Titles is { } columns)
        {
            var rejected = DuckTable.Read(file.File, file.Layout!, [columns.Item, columns.Title], scratch, cells =>
            {
                for (var row = 0; row < cells.Count; row++)
                {
                    table.Titles[TextDialect.TextOf(file.File.BytesOf(cells[0, row])).Trim()] =
                        TextDialect.TextOf(file.File.BytesOf(cells[1, row])).Trim();
                }
            });
            if (rejected.Count > 0)
            {
                table.Note($"{file.File.Name}: {rejected.Count} {(rejected.Count == 1 ? "line is no title and is" : "lines are no titles and are")} passed over, line {file.File.LineAt(rejected[0].Byte)} first: expected {file.Layout!.Expected}, found {TextDialect.Shown(rejected[0].Text.TrimEnd('\r', '\n'))}.");
            }
        }
    }
}
