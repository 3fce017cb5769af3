using System.Buffers.Text;
using System.Globalization;

namespace TwoTower.Model.Data;

/// <summary>Streams a delimited rating file, over bytes and without a string per field, into a table.</summary>
internal static class DelimitedRatingReader
{
    private const int LongestQuote = 60;

    /// <summary>Appends the file's rows to the table.</summary>
    /// <param name="file">The file.</param>
    /// <param name="layout">How it is laid out.</param>
    /// <param name="ratingIfAbsent">Rating of every row when the layout has no rating column.</param>
    /// <param name="table">Where the rows go.</param>
    /// <exception cref="DataException">A line does not parse and reading is strict.</exception>
    public static void Read(SourceFile file, DelimitedLayout layout, float? ratingIfAbsent, RatingTableBuilder table)
    {
        table.BeginFile(file.Name, "line");
        using var reader = new LineReader(file.Open(), file.Name);
        Span<Range> fields = stackalloc Range[layout.ColumnCount];
        var headerPending = layout.HasHeader;
        while (reader.TryRead(out var line))
        {
            if (line.IsEmpty)
            {
                continue;
            }

            if (headerPending)
            {
                headerPending = false;
                continue;
            }

            if (FieldSplitter.Split(line, layout.Separator, layout.Quotes, fields) != layout.ColumnCount)
            {
                table.Reject(reader.LineNumber, layout.Expected, Found(line));
                continue;
            }

            var user = line[fields[layout.User]].Trim(" "u8);
            var item = line[fields[layout.Item]].Trim(" "u8);
            if (user.IsEmpty || item.IsEmpty)
            {
                table.Reject(reader.LineNumber, "a user id and an item id", Found(line));
            }
            else if (!TryReadRating(line, fields, layout.Rating, ratingIfAbsent, out var rating))
            {
                table.Reject(reader.LineNumber, "a rating that is a finite number >= 0", Found(line[fields[layout.Rating]]));
            }
            else if (!TryReadTimestamp(line[fields[layout.Timestamp]].Trim(" "u8), out var timestamp))
            {
                table.Reject(reader.LineNumber, "a unix time >= 0 or an ISO 8601 date", Found(line[fields[layout.Timestamp]]));
            }
            else
            {
                table.Add(table.Users.Intern(user), table.Items.Intern(item), rating, timestamp, reader.LineNumber);
            }
        }
    }

    private static bool TryReadRating(ReadOnlySpan<byte> line, ReadOnlySpan<Range> fields, int column, float? ratingIfAbsent, out float rating)
    {
        if (column < 0)
        {
            rating = ratingIfAbsent!.Value;
            return true;
        }

        return TryReadRating(line[fields[column]].Trim(" "u8), out rating);
    }

    private static bool TryReadRating(ReadOnlySpan<byte> field, out float rating)
    {
        // Nearly every rating is "4" or "3.5"; the general parser costs more than the rest of the line.
        if (field.Length == 1 && char.IsAsciiDigit((char)field[0]))
        {
            rating = field[0] - '0';
            return true;
        }

        if (field.Length == 3 && field[1] == '.' && char.IsAsciiDigit((char)field[0]) && char.IsAsciiDigit((char)field[2]))
        {
            rating = ((10 * (field[0] - '0')) + (field[2] - '0')) / 10f;
            return true;
        }

        return float.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out rating) && float.IsFinite(rating) && rating >= 0;
    }

    private static bool TryReadTimestamp(ReadOnlySpan<byte> field, out long timestamp)
    {
        if (Utf8Parser.TryParse(field, out timestamp, out var consumed) && consumed == field.Length)
        {
            return timestamp >= 0;
        }

        if (double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            timestamp = (long)number;
            return number is >= 0 and < long.MaxValue;
        }

        const DateTimeStyles universal = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (DateTimeOffset.TryParse(FieldSplitter.Text(field), CultureInfo.InvariantCulture, universal, out var date))
        {
            timestamp = date.ToUnixTimeSeconds();
            return timestamp >= 0;
        }

        return false;
    }

    private static string Found(ReadOnlySpan<byte> bytes)
    {
        var text = FieldSplitter.Text(bytes[..Math.Min(bytes.Length, LongestQuote)]);
        return bytes.Length > LongestQuote ? $"'{text}…'" : $"'{text}'";
    }
}
