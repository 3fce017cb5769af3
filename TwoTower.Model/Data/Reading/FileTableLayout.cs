namespace TwoTower.Model.Data;

/// <summary>How a table lies in a file.</summary>
/// <param name="Dialect">How a text's fields are told apart; null for parquet.</param>
/// <param name="Header">Its columns' names; null for a text without.</param>
/// <param name="ColumnCount">Columns.</param>
/// <param name="Sample">A text's first records, header included; none for parquet.</param>
internal sealed record FileTableLayout(TextDialect? Dialect, string[]? Header, int ColumnCount, IReadOnlyList<TextRecord> Sample)
{
    /// <summary>The line of the header where something stands before it; null where nothing does.</summary>
    public long? HeaderLine { get; init; }

    /// <summary>Whether it is a text.</summary>
    public bool IsText => Dialect is not null;

    /// <summary>The first records after the header.</summary>
    public IEnumerable<TextRecord> Rows => Sample.Skip(Header is null ? 0 : 1);

    /// <summary>What a record has to be, for messages.</summary>
    public string Expected => $"{ColumnCount} fields separated by {Dialect?.SeparatorName}";

    /// <summary>The columns for messages, with numbers where they have no names.</summary>
    public string Columns => Header is null ? $"{ColumnCount} columns without names, the first row being {TextDialect.Shown(string.Join(Dialect!.Separator, Sample[0].Fields))}" : $"the columns {string.Join(", ", Header)}";

    /// <summary>A text's columns as the database is told of them.</summary>
    public static string NameOf(int column) => FormattableString.Invariant($"c{column}");
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
