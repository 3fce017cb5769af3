using System.Globalization;
using TwoTower.Model.Storage;

namespace TwoTower.Model.Data;

/// <summary>Recognises a file by its first bytes. Names play no part: MovieLens files are often renamed, and many files end in .csv.</summary>
internal static class FormatDetector
{
    private const int HeadBytes = 1 << 16;
    private const int LinesLookedAt = 20;
    private const int FewestColumnsOfUItem = 20;
    private const int FewestColumns = 3;
    private static readonly byte[][] Separators = ["::"u8.ToArray(), "\t"u8.ToArray(), ","u8.ToArray(), ";"u8.ToArray()];

    /// <summary>Recognises a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="names">Column names.</param>
    /// <param name="needsRating">Whether a table without a rating column is of no use.</param>
    /// <exception cref="DataException">It cannot be read.</exception>
    public static DetectedContent Detect(SourceFile file, ColumnNames names, bool needsRating)
    {
        var head = Head(file);
        if (head.Length == 0)
        {
            return new DetectedContent.Empty();
        }

        if (head.AsSpan().StartsWith("PAR1"u8))
        {
            return new DetectedContent.Parquet();
        }

        if (head.AsSpan().StartsWith("PK\u0003\u0004"u8) || head.AsSpan().StartsWith("PK\u0005\u0006"u8))
        {
            return new DetectedContent.Zip();
        }

        if (head is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
        {
            return new DetectedContent.Unknown("it is UTF-16 text, save it as UTF-8");
        }

        if (head.AsSpan().Contains((byte)0))
        {
            return new DetectedContent.Unknown("it is a binary file of no known kind");
        }

        var lines = FirstLines(head, file.Name);
        if (lines.Count == 0)
        {
            return new DetectedContent.Empty();
        }

        var unnamed = new List<(byte[] Separator, DetectedContent.UnnamedColumns Header)>();
        return FromHeader(lines[0], names, needsRating, unnamed)
            ?? WithoutHeader(lines, unnamed)
            ?? unnamed.Select(entry => (DetectedContent)entry.Header).FirstOrDefault()
            ?? new DetectedContent.Unknown("its first line has neither the column names nor four fields user, item, rating, time");
    }

    private static byte[] Head(SourceFile file)
    {
        try
        {
            return file.ReadHead(HeadBytes);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{file.Name} cannot be read: {PlainReason.Of(failure)}.", failure);
        }
    }

    private static List<byte[]> FirstLines(byte[] head, string file)
    {
        var lines = new List<byte[]>();
        using var reader = new LineReader(new MemoryStream(head), file);
        while (lines.Count < LinesLookedAt && reader.TryRead(out var line))
        {
            if (!line.Trim(" \t"u8).IsEmpty)
            {
                lines.Add(line.ToArray());
            }
        }

        // The last line may have been cut off where the head ends.
        if (lines.Count > 1 && lines.Count < LinesLookedAt && head.Length == HeadBytes)
        {
            lines.RemoveAt(lines.Count - 1);
        }

        return lines;
    }

    // A first line without any number is a header: under lenient reading too it must not pass for a bad line.
    private static DetectedContent? FromHeader(byte[] line, ColumnNames names, bool needsRating, List<(byte[] Separator, DetectedContent.UnnamedColumns Header)> unnamed)
    {
        Span<Range> fields = stackalloc Range[DelimitedLayout.MostColumns];
        foreach (var separator in Separators)
        {
            var count = FieldSplitter.Split(line, separator, quotes: true, fields);
            if (count is < 2 or > DelimitedLayout.MostColumns)
            {
                continue;
            }

            var columns = new string[count];
            for (var column = 0; column < count; column++)
            {
                columns[column] = FieldSplitter.Text(line.AsSpan(fields[column])).Trim();
            }

            if (Array.Exists(columns, column => double.TryParse(column, NumberStyles.Float, CultureInfo.InvariantCulture, out _)))
            {
                continue;
            }

            var item = ColumnNames.FindItem(columns);
            if (item >= 0 && ColumnNames.FindTitle(columns) is >= 0 and var title && ColumnNames.FindUser(columns) < 0)
            {
                return new DetectedContent.Titles(new TitleLayout(separator, true, true, item, title));
            }

            var found = names.Find(columns);
            if (found is { User: >= 0, Item: >= 0, Timestamp: >= 0 } && (found.Rating >= 0 || !needsRating))
            {
                var movieLens = columns is ["userId", "movieId", "rating", "timestamp"];
                return new DetectedContent.Ratings(new DelimitedLayout(
                    movieLens ? "MovieLens CSV (20M/25M/32M/latest)" : $"CSV with columns {string.Join(", ", columns)}",
                    separator, true, true, count, found.User, found.Item, found.Rating, found.Timestamp));
            }

            if (found.User >= 0 || found.Item >= 0 || (count >= FewestColumns && Array.TrueForAll(columns, column => column.Length > 0)))
            {
                unnamed.Add((separator, new DetectedContent.UnnamedColumns(string.Join(", ", columns), names.Missing(needsRating ? found : found with { Rating = 0 }))));
            }
        }

        return null;
    }

    private static DetectedContent? WithoutHeader(List<byte[]> lines, List<(byte[] Separator, DetectedContent.UnnamedColumns Header)> unnamed)
    {
        foreach (var separator in Separators)
        {
            // Half of the lines, so that one broken line is reported with its number instead of hiding the whole format.
            if (lines.Count(line => IsRating(line, separator)) * 2 >= lines.Count)
            {
                if (unnamed.FirstOrDefault(entry => entry.Separator == separator).Header is { } header)
                {
                    return header;
                }

                var format = separator switch
                {
                    [(byte)':', _] => "MovieLens 1M/10M (user::item::rating::timestamp)",
                    [(byte)'\t'] => "MovieLens 100K (user, item, rating, timestamp separated by tabs)",
                    _ => "CSV without header (user, item, rating, timestamp)",
                };
                return new DetectedContent.Ratings(new DelimitedLayout(format, separator, separator.Length == 1, false, 4, 0, 1, 2, 3));
            }
        }

        Span<Range> fields = stackalloc Range[DelimitedLayout.MostColumns];
        if (FieldSplitter.Split(lines[0], "::"u8, false, fields) == 3)
        {
            return new DetectedContent.Titles(new TitleLayout("::"u8.ToArray(), false, false, 0, 1));
        }

        return FieldSplitter.Split(lines[0], "|"u8, false, fields) >= FewestColumnsOfUItem
            ? new DetectedContent.Titles(new TitleLayout("|"u8.ToArray(), false, false, 0, 1))
            : null;
    }

    private static bool IsRating(byte[] line, byte[] separator)
    {
        Span<Range> fields = stackalloc Range[4];
        return FieldSplitter.Split(line, separator, separator.Length == 1, fields) == 4
            && double.TryParse(line.AsSpan(fields[2]), NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            && double.TryParse(line.AsSpan(fields[3]), NumberStyles.Float, CultureInfo.InvariantCulture, out _);
    }
}
