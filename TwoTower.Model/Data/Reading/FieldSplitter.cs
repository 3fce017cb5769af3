using System.Text;

namespace TwoTower.Model.Data;

/// <summary>Splits one line at a separator, minding quotes where the format has them (RFC 4180, except that a field never spans lines).</summary>
internal static class FieldSplitter
{
    /// <summary>Writes the fields' ranges, quotes excluded, and returns how many fields the line has, which may be more than fit; -1 when a
    /// quote is not closed.</summary>
    public static int Split(ReadOnlySpan<byte> line, ReadOnlySpan<byte> separator, bool quotes, Span<Range> fields)
    {
        var count = 0;
        var position = 0;
        while (true)
        {
            Range field;
            int next;
            if (quotes && position < line.Length && line[position] == '"')
            {
                var close = ClosingQuote(line, position + 1);
                if (close < 0 || !(line[(close + 1)..].IsEmpty || line[(close + 1)..].StartsWith(separator)))
                {
                    return -1;
                }

                field = (position + 1)..close;
                next = close + 1 == line.Length ? -1 : close + 1;
            }
            else
            {
                var length = line[position..].IndexOf(separator);
                next = length < 0 ? -1 : position + length;
                field = position..(length < 0 ? line.Length : next);
            }

            if (count < fields.Length)
            {
                fields[count] = field;
            }

            count++;
            if (next < 0)
            {
                return count;
            }

            position = next + separator.Length;
        }
    }

    /// <summary>The text of a field: UTF-8, or Latin-1 when the bytes are not UTF-8 (MovieLens 100K and 1M titles); doubled quotes undone.</summary>
    public static string Text(ReadOnlySpan<byte> field)
    {
        var text = System.Text.Unicode.Utf8.IsValid(field) ? Encoding.UTF8.GetString(field) : Encoding.Latin1.GetString(field);
        return text.Replace("\"\"", "\"", StringComparison.Ordinal);
    }

    private static int ClosingQuote(ReadOnlySpan<byte> line, int position)
    {
        while (position < line.Length)
        {
            var offset = line[position..].IndexOf((byte)'"');
            if (offset < 0)
            {
                return -1;
            }

            position += offset;
            if (position + 1 < line.Length && line[position + 1] == '"')
            {
                position += 2;
                continue;
            }

            return position;
        }

        return -1;
    }
}
