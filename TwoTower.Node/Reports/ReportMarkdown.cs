using System.Text;

namespace TwoTower.Node.Reports;

/// <summary>A report as Markdown, with its charts as files beside it.</summary>
internal static class ReportMarkdown
{
    private const string Marks = "\\`*_{}[]<>#|!~&$";

    /// <summary>The text.</summary>
    /// <param name="parts">What is in it.</param>
    /// <param name="plots">Folder of the charts, seen from the text.</param>
    public static string Render(IEnumerable<ReportPart> parts, string plots)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            switch (part)
            {
                case ReportPart.Heading heading:
                    text.Append('#', heading.Level).Append(' ').Append(Text(heading.Text)).Append("\n\n");
                    break;
                case ReportPart.Prose prose:
                    text.Append(Text(prose.Text)).Append("\n\n");
                    break;
                case ReportPart.Table table:
                    Row(text, table.Head);
                    text.Append('|').AppendJoin(string.Empty, table.Head.Select((_, n) => n == 0 || table.IsText ? "---|" : "--:|"))
                        .Append('\n');
                    foreach (var row in table.Rows)
                    {
                        Row(text, row);
                    }

                    text.Append('\n');
                    break;
                case ReportPart.Figures figures:
                    foreach (var chart in figures.Charts)
                    {
                        text.Append("![").Append(Text(chart.Title)).Append("](").Append(plots).Append('/').Append(chart.Name)
                            .Append(".png)\n\n");
                        if (chart.Caption.Length > 0)
                        {
                            text.Append(Text(chart.Caption)).Append("\n\n");
                        }
                    }

                    break;
            }
        }

        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static void Row(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells.Select(Text))
        .Append(" |\n");

    /// <summary>Nothing in a text is markup: marks that would be are escaped, and it stays on its line.</summary>
    private static string Text(string text)
    {
        var escaped = new StringBuilder();
        foreach (var letter in text.ReplaceLineEndings(" "))
        {
            escaped.Append(letter switch
            {
                '<' => "&lt;",
                '>' => "&gt;",
                '&' => "&amp;",
                _ when Marks.Contains(letter, StringComparison.Ordinal) => $"\\{letter}",
                _ => letter.ToString(),
            });
        }

        return escaped.ToString();
    }
}
