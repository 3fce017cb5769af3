namespace TwoTower.Model.Data.Reading;

/// <summary>Finds out whether a text ends inside a quoted field, from quote to quote.</summary>
internal static class QuoteScan
{
    /// <summary>Whether the last quote that was opened is not closed.</summary>
    public static bool EndsInside(SourceFile file, TextDialect dialect)
    {
        using var stream = file.Open();
        var buffer = new byte[1 << 17];
        var separator = (byte)dialect.Separator[0];
        var (inside, closing, before) = (false, false, (byte)'\n');
        for (var (read, first) = (stream.ReadAtLeast(buffer, 3, throwOnEndOfStream: false), true); read > 0;
            (read, first) = (stream.Read(buffer), false))
        {
            var text = buffer.AsSpan(0, read);
            var start = first && text.StartsWith("\uFEFF"u8) ? 3 : 0;
            for (var position = start; position < read;)
            {
                if (closing)
                {
                    closing = false;
                    if (text[position] == '"')
                    {
                        position++; // written twice, it stands for itself
                        continue;
                    }

                    inside = false;
                }

                var offset = text[position..].IndexOf((byte)'"');
                if (offset < 0)
                {
                    break;
                }

                var last = position + offset > start ? text[position + offset - 1] : before;
                position += offset + 1;
                closing = inside;
                inside |= last == separator || last is (byte)'\n' or (byte)'\r';
            }

            before = text[^1];
        }

        return inside && !closing;
    }
}
