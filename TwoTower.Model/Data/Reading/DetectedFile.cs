namespace TwoTower.Model.Data.Reading;

/// <summary>A file and what it was recognised as.</summary>
/// <param name="File">The file.</param>
/// <param name="Content">What is in it.</param>
/// <param name="Use">What its table is good for; null where it is none.</param>
internal sealed record DetectedFile(SourceFile File, FileContent Content, TableUse? Use)
{
    private static readonly HashSet<string> s_endings =
        new([".csv", ".tsv", ".dat", ".data", ".inter", ".gz", ".zst", ".parquet", ".jsonl", ".ndjson"], StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> s_sides = new(["u.user", "u.genre", "u.info", "u.occupation", "users.dat", "links.csv",
        "genome-tags.csv", "genome-scores.csv", "tags.csv", "tags.dat"], StringComparer.OrdinalIgnoreCase);

    public FileTableLayout? Layout => (Content as FileContent.Table)?.Layout;

    public TableUse.Ratings? Ratings => Use as TableUse.Ratings;

    public TableUse.Titles? Titles => Use as TableUse.Titles;

    /// <summary>Whether it is one of the other files of MovieLens.</summary>
    public bool IsKnownSide => s_sides.Contains(File.ShortName);

    /// <summary>Whether people would take it for data, whatever is in it: a table, or what is named like one.</summary>
    public bool IsData => Layout is not null || (Content is FileContent.Empty && s_endings.Contains(Path.GetExtension(File.ShortName)))
        || (Content is FileContent.Foreign foreign
        && (s_endings.Contains(Path.GetExtension(File.ShortName))
        || (foreign.IsKnown && !foreign.What.StartsWith("JSON", StringComparison.Ordinal))));

    /// <summary>Why it is not read, in a few words.</summary>
    public string WhyNot => Content is FileContent.Foreign foreign ? foreign.What : Content is FileContent.Empty ? "empty, or a pipe"
        : Use is TableUse.Ratings ? "no column of ratings, as others have" : "no users and items";

    /// <summary>What it is, in words.</summary>
    public string What => Content switch
    {
        FileContent.Empty => "is empty",
        FileContent.Foreign foreign => $"is {foreign.What}",
        FileContent.Table { Layout: { } layout } => $"has {layout.Columns} {layout.Kind}",
        _ => "is something else",
    };

    public static DetectedFile Of(SourceFile file, DataOptions options, ScratchFolder scratch)
    {
        var content = ContentDetector.Detect(file, options.Columns, scratch);
        content = content is FileContent.Table { Layout: { } found } ? new FileContent.Table(found.With(file.Keys)) : content;
        return new DetectedFile(file, content, content is FileContent.Table { Layout: { } layout }
            ? TableUse.Of(layout, options.Columns) : null);
    }

    /// <summary>This file as a part of the table that another one begins: its columns have the same names, in any order, or it goes on
    /// without a header where the other has one.</summary>
    /// <exception cref="DataException">They do not fit together.</exception>
    public DetectedFile FitTo(DetectedFile first)
    {
        var (mine, its) = (Layout!, first.Layout!);
        if (mine.IsJson && its.IsJson && Named(this) == Named(first))
        {
            return this; // a line may lack keys
        }

        if (mine.Dialect == its.Dialect && mine.FieldCount == its.FieldCount)
        {
            FolderKey[] keys =
                [.. its.Keys.Select(key =>
                mine.Keys.FirstOrDefault(other => other.Name.Equals(key.Name, StringComparison.OrdinalIgnoreCase))).OfType<FolderKey>()];
            if (mine.Header is null && its.Header is not null && keys.Length == its.Keys.Count)
            {
                return this with { Use = first.Use, Content = new FileContent.Table(mine with { Keys = keys }) };
            }

            if (mine.Header is null == its.Header is null && (mine.Header is null || mine.Header.Order(StringComparer.Ordinal)
                .SequenceEqual(its.Header!.Order(StringComparer.Ordinal))))
            {
                return this;
            }
        }

        throw new DataException(
            $"{first.File.Name} and {File.Name} do not fit together: the first {first.What}, the second {What}. Name the one that is "
            + $"meant, or a folder of files that are one table.");
    }

    private static (string?, string?, string?, string?) Named(DetectedFile file)
    {
        string? Name(int column) => column < 0 ? null : file.Layout!.Header![column];
        return file.Ratings!.Columns is var columns
            ? (Name(columns.User), Name(columns.Item), Name(columns.Rating), Name(columns.Timestamp)) : default;
    }
}
