namespace TwoTower.Node.Display;

/// <summary>Running text for a terminal.</summary>
internal static class Paragraph
{
    /// <summary>Columns that every terminal has.</summary>
    public const int Width = 80;

    /// <summary>Breaks a text between words so that no line is longer than <see cref="Width"/>, unless a single word is.</summary>
    /// <param name="text">One line.</param>
    /// <param name="indent">Spaces before every line but the first.</param>
    public static string Wrap(string text, int indent)
    {
        var lines = new List<string>();
        while (text.Length > Width)
        {
            var at = text.LastIndexOf(' ', Width);
            if (at <= indent)
            {
                break;
            }

            lines.Add(text[..at].TrimEnd());
            text = new string(' ', indent) + text[(at + 1)..];
        }

        return string.Join(Environment.NewLine, lines.Append(text));
    }
}
