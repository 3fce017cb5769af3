namespace TwoTower.Model.Data;

/// <summary>A file and what it was recognised as.</summary>
/// <param name="File">The file.</param>
/// <param name="Content">What is in it.</param>
/// <param name="Use">What its table is good for; null where it is none.</param>
internal sealed record DetectedFile(SourceFile File, FileContent Content, TableUse? Use)
{
    private static readonly HashSet<string> s_endings = new([".csv", ".tsv", ".dat", ".data", ".inter", ".gz", ".zst", ".parquet"], StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> s_sides = new(["u.user", "u.genre", "u.info", "u.occupation", "users.dat", "links.csv", "genome-tags.csv", "genome-scores.csv", "tags.csv", "tags.dat"], StringComparer.OrdinalIgnoreCase);

    public FileTableLayout? Layout => (Content as FileContent.Table)?.Layout;

    public TableUse.Ratings? Ratings => Use as TableUse.Ratings;

    public TableUse.Titles? Titles => Use as TableUse.Titles;

    /// <summary>Whether it is one of the other files of MovieLens.</summary>
    public bool IsKnownSide => s_sides.Contains(File.ShortName);

    /// <summary>Whether people would take it for data, whatever is in it: a table, or what is named like one.</summary>
    public bool IsData => Layout is not null || (Content is FileContent.Foreign foreign && (s_endings.Contains(Path.GetExtension(File.ShortName)) || (foreign.IsKnown && !foreign.What.StartsWith("JSON", StringComparison.Ordinal))));

    /// <summary>Why it is not read, in a few words.</summary>
    public string WhyNot => Content is FileContent.Foreign foreign ? foreign.What : Use is TableUse.Ratings ? "no column of ratings, as others have" : "no users and items";

    /// <summary>What it is, in words.</summary>
    public string What => Content switch
    {
        FileContent.Empty => "is empty",
        FileContent.Foreign foreign => $"is {foreign.What}",
        FileContent.Table { Layout: { } layout } => $"has {layout.Columns} {(layout.IsText ? $"separated by {layout.Dialect!.SeparatorName}" : "in parquet")}",
        _ => "is something else",
    };

    public static DetectedFile Of(SourceFile file, DataOptions options, ScratchFolder scratch)
    {
        var content = ContentDetector.Detect(file, options.Columns, scratch);
        return new DetectedFile(file, content, content is FileContent.Table { Layout: { } layout } ? TableUse.Of(layout, options.Columns) : null);
    }

    /// <summary>This file as a part of the table that another one begins: its columns have the same names, in any order, or it goes on without a header where the other has one.</summary>
    /// <exception cref="DataException">They do not fit together.</exception>
    public DetectedFile FitTo(DetectedFile first)
    {
        var (mine, its) = (Layout!, first.Layout!);
        if (mine.Dialect == its.Dialect && mine.ColumnCount == its.ColumnCount)
        {
            if (mine.Header is null && its.Header is not null)
            {
                return this with { Use = first.Use };
            }

            if (mine.Header is null == its.Header is null && (mine.Header is null || mine.Header.Order(StringComparer.Ordinal).SequenceEqual(its.Header!.Order(StringComparer.Ordinal))))
            {
                return this;
            }
        }

        throw new DataException($"{first.File.Name} and {File.Name} do not fit together: the first {first.What}, the second {What}. Name the one that is meant, or a folder of files that are one table.");
    }
}
