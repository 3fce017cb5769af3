using System.Text;

namespace TwoTower.Model.Storage;

/// <summary>Comma-separated text as RFC 4180 has it: any text is a cell, and comes back as it was.</summary>
internal static class CsvText
{
    /// <summary>A text as a cell. Quoted where it has to be, where it is empty (a cell without anything is no text), and where white space
    /// stands at an end, which many readers take off.</summary>
    /// <param name="text">The text; null is no text.</param>
    public static string Cell(string? text) => text is null ? string.Empty
        : text.Length > 0 && text.AsSpan().IndexOfAny("\",\r\n") < 0 && !char.IsWhiteSpace(text[0]) && !char.IsWhiteSpace(text[^1]) ? text
        : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>The rows of a text. Cells without anything are empty texts.</summary>
    /// <param name="text">The text; its last line may end or not.</param>
    /// <exception cref="StorageException">A quote is not closed.</exception>
    public static IEnumerable<string[]> Rows(string text)
    {
        var (cells, cell, at) = (new List<string>(), new StringBuilder(), 0);
        while (at < text.Length)
        {
            if (text[at] == '"')
            {
                at = Unquote(text, at + 1, cell);
            }

            var end = at + text.AsSpan(at).IndexOfAny(",\r\n");
            end = end < at ? text.Length : end;
            cells.Add(cell.Append(text, at, end - at).ToString());
            cell.Clear();
            at = end;
            if (at < text.Length && text[at] == ',')
            {
                at++;
                if (at < text.Length)
                {
                    continue;
                }

                cells.Add(string.Empty);
            }

            at += text.AsSpan(at).StartsWith("\r\n") ? 2 : 1;
            yield return [.. cells];
            cells.Clear();
        }
    }

    /// <summary>Takes what is between quotes, and returns the place behind them.</summary>
    private static int Unquote(string text, int at, StringBuilder cell)
    {
        while (true)
        {
            var quote = text.IndexOf('"', at);
            if (quote < 0)
            {
                throw new StorageException("A quote is not closed.");
            }

            cell.Append(text, at, quote - at);
            if (quote + 1 >= text.Length || text[quote + 1] != '"')
            {
                return quote + 1;
            }

            cell.Append('"');
            at = quote + 2;
        }
    }
}
