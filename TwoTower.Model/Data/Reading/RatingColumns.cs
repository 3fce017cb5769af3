namespace TwoTower.Model.Data.Reading;

/// <summary>Where ratings stand in a table. Column numbers count from 0; -1 stands for none.</summary>
internal sealed record RatingColumns(int User, int Item, int Rating, int Timestamp)
{
    public IReadOnlyList<int> All { get; } = [User, Item, Rating, Timestamp];
}

/// <summary>What a table is good for.</summary>
internal abstract record TableUse
{
    /// <summary>Ratings.</summary>
    /// <param name="Columns">Where they stand.</param>
    /// <param name="Format">What the table is, for people.</param>
    public sealed record Ratings(RatingColumns Columns, string Format) : TableUse
    {
        /// <summary>Which columns were taken where others could have been; null where none could.</summary>
        public string? Taken { get; init; }
    }

    /// <summary>Titles of items.</summary>
    /// <param name="Item">Column of the ids.</param>
    /// <param name="Title">Column of the titles.</param>
    public sealed record Titles(int Item, int Title) : TableUse;

    /// <summary>Nothing as long as nobody says which column is which.</summary>
    /// <param name="Reason">The columns, and what is missing.</param>
    /// <param name="HasPairs">Whether it has users and items.</param>
    public sealed record Unnamed(string Reason, bool HasPairs) : TableUse;

    /// <summary>Decides by a table's columns.</summary>
    /// <param name="layout">The table.</param>
    /// <param name="names">Column names.</param>
    public static TableUse Of(FileTableLayout layout, ColumnNames names)
    {
        if (layout.Header is not { } header)
        {
            return WithoutHeader(layout, names);
        }

        var found = names.Find(header, layout.ColumnCount, takeFirst: false);
        var (item, title) = names.FindTitles(header, layout.ColumnCount);
        if (item >= 0 && title >= 0 && found.User < 0)
        {
            return new Titles(item, title);
        }

        if (names.Ambiguous(header) is { } ambiguous)
        {
            return new Unnamed($"{layout.Columns}, and {ambiguous}", true);
        }

        return names.Missing(found, header) is { } missing
            ? new Unnamed($"{layout.Columns}, but {missing}", found is { User: >= 0, Item: >= 0 })
            : found.Timestamp < 0 && names.Timestamp is null && Dates(layout, found) is { } dates
            ? new Unnamed(
            $"{layout.Columns}, and '{dates}' may hold times: say so with --set data.timestampColumn={dates}, or none if there are none",
            true)
            : new Ratings(new RatingColumns(found.User, found.Item, found.Rating, found.Timestamp),
                FormatOf(layout))
            { Taken = names.Taken(header, found) };
    }

    private static TableUse WithoutHeader(FileTableLayout layout, ColumnNames names)
    {
        var rows = layout.Rows.Where(row => row.Fields.Length == layout.ColumnCount).ToArray();
        var isSaid = names.User is not null && names.Item is not null;
        if (!isSaid && layout.Dialect!.Separator == "::" && layout.ColumnCount == 3 && !rows.All(row => IsNumber(row.Fields[2])))
        {
            return new Titles(0, 1); // movies.dat
        }

        if (!isSaid && layout.Dialect!.Separator == "|" && layout.ColumnCount >= 20)
        {
            return new Titles(0, 1); // u.item
        }

        // Of three columns the third is a rating, unless its numbers are of the size of times.
        var asTimes = layout.ColumnCount == 3 && names.Rating is null && rows.Length > 0
            && rows.All(row => IsNumber(row.Fields[2]) && row.Fields[2].Trim().Length >= 9);
        var found = (asTimes ? names with { Rating = ColumnNames.None, Timestamp = names.Timestamp ?? "3" } : names)
            .Find(null, layout.ColumnCount, takeFirst: layout.ColumnCount is 3 or 4);
        var isLikely = isSaid
            || (layout.ColumnCount is 3 or 4 && rows.Count(row => found.Rating < 0 || IsNumber(row.Fields[found.Rating])
            || row.Fields[found.Rating].Trim().Length == 0) * 2 >= rows.Length);
        var isWhole = layout.ColumnCount <= 4 || (names.Rating is not null && names.Timestamp is not null);
        return isLikely && isWhole && names.Missing(found, null) is null
            ? new Ratings(new RatingColumns(found.User, found.Item, found.Rating, found.Timestamp), FormatOf(layout))
            : new Unnamed(
                $"{layout.Columns}, and nothing says which is which: say it with --set data.userColumn=1 --set data.itemColumn=2 --set "
                + $"data.ratingColumn=… --set data.timestampColumn=… (numbers, or none)", false);
    }

    /// <summary>The name of a column that nobody named and whose first values all are times; null when there is none.</summary>
    private static string? Dates(FileTableLayout layout, (int User, int Item, int Rating, int Timestamp) found)
    {
        var rows = layout.Rows.Where(row => row.Fields.Length >= layout.ColumnCount).ToArray();
        return rows.Length == 0 ? null : layout.Header!.Where((_, column) => column != found.User && column != found.Item
            && column != found.Rating && rows.All(row => IsTime(row.Fields[column].Trim()))).FirstOrDefault();
    }

    /// <summary>Whether a text is a date, or a number of the size of unix times in seconds or finer.</summary>
    private static bool IsTime(string field)
    {
        try
        {
            return field.Length >= 8 && new TimeReader(null).TryRead(System.Text.Encoding.UTF8.GetBytes(field), out var seconds)
                && seconds > 500_000_000;
        }
        catch (TimeException)
        {
            return true; // a day that can be read in two ways
        }
    }

    private static string FormatOf(FileTableLayout layout) => layout switch
    {
        { Dialect: null } => $"parquet with columns {string.Join(", ", layout.Header!)}",
        { Header: ["userId", "movieId", "rating", "timestamp"] } => "MovieLens CSV (20M/25M/32M/latest)",
        { Header: { } header } =>
            $"{(layout.IsJson ? "JSON lines" : layout.Dialect.Separator == "," ? "CSV" : $"text separated by {layout.Dialect.SeparatorName}")} with columns {string.Join(", ", header)}",
        { ColumnCount: 4, Dialect.Separator: "::" } => "user::item::rating::timestamp, as MovieLens 1M and 10M",
        { ColumnCount: 4, Dialect.Separator: "\t" } => "user, item, rating, timestamp separated by tabs, as MovieLens 100K",
        _ => $"text without header, {layout.Expected}",
    };

    private static bool IsNumber(string field) =>
        double.TryParse(field, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out _);
}
