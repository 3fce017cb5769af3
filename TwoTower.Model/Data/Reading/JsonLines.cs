using System.Text.Json;

namespace TwoTower.Model.Data.Reading;

/// <summary>Recognises JSON lines: a table whose rows are JSON objects, one on each line. Its columns are the keys of the first ones;
/// values that are lists or objects themselves count as their text.</summary>
internal static class JsonLines
{
    private const int LinesLookedAt = 100;
    private static readonly TextDialect s_wholeLines = new("\u001F", false); // a character that JSON never has in the open

    /// <summary>Recognises a file by its first bytes; null when it is something else, a single object
    /// that names no column among it.</summary>
    /// <param name="head">The first bytes.</param>
    /// <param name="isCut">Whether more follow, so that the last line may not be whole.</param>
    /// <param name="names">Column names.</param>
    public static FileTableLayout? Detect(byte[] head, bool isCut, ColumnNames names)
    {
        if (!head.AsSpan().TrimStart("\uFEFF \t\r\n"u8).StartsWith("{"u8))
        {
            return null;
        }

        var lines = new List<TextRecord>();
        using (var scanner = new RecordScanner(new MemoryStream(head), s_wholeLines))
        {
            while (lines.Count <= LinesLookedAt && scanner.Next() is { } line)
            {
                lines.Add(line);
            }
        }

        if (lines.Count > LinesLookedAt || (isCut && lines.Count > 1))
        {
            lines.RemoveAt(lines.Count - 1);
        }

        var objects = lines.ConvertAll(line => (line.Line, Values: Parse(line.Fields[0])));
        if (objects[0].Values is null || objects.Count(line => line.Values is not null) * 2 < objects.Count)
        {
            return null;
        }

        string[] header = [.. objects.SelectMany(line => line.Values?.Keys ?? Enumerable.Empty<string>()).Distinct(StringComparer.Ordinal)];
        if (header.Length < 2 || (objects.Count == 1 && !names.Knows(header)))
        {
            return null;
        }

        var sample = objects.Where(line => line.Values is not null)
            .Select(line => new TextRecord(line.Line, [.. header.Select(key => line.Values!.GetValueOrDefault(key, string.Empty))], true));
        return new FileTableLayout(s_wholeLines, header, 1, [.. sample]) { IsJson = true };
    }

    /// <summary>An object's values as texts by key; null when a line is no object.</summary>
    private static Dictionary<string, string>? Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            var values = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var property in document.RootElement.EnumerateObject())
            {
                values[property.Name] = property.Value.ToString();
            }

            return values;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
