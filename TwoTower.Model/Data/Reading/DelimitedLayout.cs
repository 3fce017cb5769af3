namespace TwoTower.Model.Data;

/// <summary>How a delimited rating file is laid out. Column numbers count from 0; a rating column of -1 stands for none.</summary>
internal sealed record DelimitedLayout(
    string Format, byte[] Separator, bool Quotes, bool HasHeader, int ColumnCount, int User, int Item, int Rating, int Timestamp)
{
    public const int MostColumns = 64;

    public string Expected => $"{ColumnCount} fields separated by {SeparatorName}";

    private string SeparatorName => Separator switch
    {
        [(byte)'\t'] => "tabs",
        [(byte)','] => "commas",
        [(byte)';'] => "semicolons",
        _ => $"'{System.Text.Encoding.ASCII.GetString(Separator)}'",
    };
}

/// <summary>Where the id and the title stand in a file of titles.</summary>
internal sealed record TitleLayout(byte[] Separator, bool Quotes, bool HasHeader, int Item, int Title);

/// <summary>What a file was recognised as.</summary>
internal abstract record DetectedContent
{
    public sealed record Ratings(DelimitedLayout Layout) : DetectedContent;

    public sealed record Titles(TitleLayout Layout) : DetectedContent;

    public sealed record Parquet : DetectedContent;

    public sealed record Zip : DetectedContent;

    public sealed record Empty : DetectedContent;

    /// <summary>A table whose header does not say which column is which.</summary>
    /// <param name="Columns">Its columns, with commas between.</param>
    /// <param name="Missing">What is missing, and how to name it.</param>
    public sealed record UnnamedColumns(string Columns, string Missing) : DetectedContent;

    /// <summary>Nothing that is known; <paramref name="Reason"/> says what came closest.</summary>
    public sealed record Unknown(string Reason) : DetectedContent;
}
