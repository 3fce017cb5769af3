namespace TwoTower.Model.Data.Reading;

/// <summary>How a table lies in a file.</summary>
/// <param name="Dialect">How a text's fields are told apart; null for parquet.</param>
/// <param name="Header">Its columns' names; null for a text without.</param>
/// <param name="FieldCount">Fields that a record has; 1 for JSON lines, whose records are lines.</param>
/// <param name="Sample">A text's first records, header included; none for parquet.</param>
internal sealed record FileTableLayout(TextDialect? Dialect, string[]? Header, int FieldCount, IReadOnlyList<TextRecord> Sample)
{
    /// <summary>The line of the header where something stands before it; null where nothing does.</summary>
    public long? HeaderLine { get; init; }

    /// <summary>Lines before the table: one where a spreadsheet names its separator (<c>sep=;</c>).</summary>
    public int LinesBefore { get; init; }

    /// <summary>Whether each line is a JSON object, whose keys are the columns.</summary>
    public bool IsJson { get; init; }

    /// <summary>Columns whose value is that of a folder the file lies in (<c>rating=5</c>), the same in every
    /// row. They stand after all others.</summary>
    public IReadOnlyList<FolderKey> Keys { get; init; } = [];

    /// <summary>Columns.</summary>
    public int ColumnCount => Header?.Length ?? FieldCount;

    /// <summary>Whether it is a text.</summary>
    public bool IsText => Dialect is not null;

    /// <summary>Whether the first record names the columns.</summary>
    public bool HasHeaderLine => Header is not null && IsText && !IsJson;

    /// <summary>The first records after the header.</summary>
    public IEnumerable<TextRecord> Rows => Sample.Skip(HasHeaderLine ? 1 : 0);

    /// <summary>What a record has to be, for messages.</summary>
    public string Expected => IsJson ? "a JSON object" : $"{FieldCount} fields separated by {Dialect?.SeparatorName}";

    /// <summary>How it lies, for messages.</summary>
    public string Kind => IsJson ? "in JSON lines" : IsText ? $"separated by {Dialect!.SeparatorName}" : "in parquet";

    /// <summary>The columns for messages, with numbers where they have no names.</summary>
    public string Columns => Header is null
        ? $"{ColumnCount} columns without names, the first row being {TextDialect.Shown(string.Join(Dialect!.Separator, Sample[0].Fields))}"
        : $"the columns {string.Join(", ", Header)}";

    /// <summary>A text's columns as the database is told of them.</summary>
    public static string NameOf(int column) => FormattableString.Invariant($"c{column}");

    /// <summary>This layout with the names of folders as further columns, where it has none of their names. A text without a header keeps
    /// them for a table that another file begins.</summary>
    public FileTableLayout With(IReadOnlyList<FolderKey> keys)
    {
        FolderKey[] further = [.. keys.Where(key => Header is null || !Header.Contains(key.Name, StringComparer.OrdinalIgnoreCase))];
        return further.Length == 0 ? this : this with
        {
            Header = Header is null ? null : [.. Header, .. further.Select(key => key.Name)],
            Sample = Header is null
                ? Sample
                : [.. Sample.Select(record => record.Fields.Length == ColumnCount ? record with
                { Fields = [.. record.Fields, .. further.Select(key => key.Value)] } : record)],
            Keys = further,
        };
    }

    /// <summary>The folder's key that a column is; null when it is the file's own.</summary>
    public FolderKey? KeyOf(int column) => column - (IsJson ? Header!.Length - Keys.Count : FieldCount) is >= 0 and var key
        ? Keys[key] : null;
}

/// <summary>A column and its value as the name of a folder that tables are divided by: <c>year=2019</c>.</summary>
internal sealed record FolderKey(string Name, string Value)
{
    // What Hive writes for a value that is not there.
    private const string Nothing = "__HIVE_DEFAULT_PARTITION__";

    /// <summary>Reads a folder's name; null when it is no key.</summary>
    public static FolderKey? Of(string folder) =>
        folder.IndexOf('=', StringComparison.Ordinal) is > 0 and var at
            ? new FolderKey(folder[..at], folder[(at + 1)..] is var value && value == Nothing
            ? string.Empty : Uri.UnescapeDataString(value)) : null;
}

/// <summary>What a file was recognised as.</summary>
internal abstract record FileContent
{
    /// <summary>Nothing.</summary>
    public sealed record Empty : FileContent;

    /// <summary>A table.</summary>
    public sealed record Table(FileTableLayout Layout) : FileContent;

    /// <summary>Something else.</summary>
    /// <param name="What">What it is, after "it is".</param>
    /// <param name="IsKnown">Whether that is sure.</param>
    public sealed record Foreign(string What, bool IsKnown = true) : FileContent;
}
