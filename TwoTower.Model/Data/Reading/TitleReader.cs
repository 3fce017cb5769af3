namespace TwoTower.Model.Data;

/// <summary>Reads item titles. Titles only decorate reports, so a line that does not parse is passed over.</summary>
internal static class TitleReader
{
    public static void Read(SourceFile file, TitleLayout layout, IDictionary<string, string> titles)
    {
        using var reader = new LineReader(file.Open(), file.Name);
        Span<Range> fields = stackalloc Range[DelimitedLayout.MostColumns];
        var headerPending = layout.HasHeader;
        while (reader.TryRead(out var line))
        {
            if (headerPending)
            {
                headerPending = false;
                continue;
            }

            if (FieldSplitter.Split(line, layout.Separator, layout.Quotes, fields) > Math.Max(layout.Item, layout.Title))
            {
                titles[FieldSplitter.Text(line[fields[layout.Item]]).Trim()] = FieldSplitter.Text(line[fields[layout.Title]]).Trim();
            }
        }
    }
}
