using System.Text.RegularExpressions;
using TwoTower.Model.Storage;

namespace TwoTower.Node.Display;

/// <summary>Pages in Markdown as this repository keeps them: running text in lines of <see cref="Columns"/> at most. Tables, headings,
/// pictures and code are left as they are, since a line is a row there.</summary>
internal static partial class MarkdownPage
{
    /// <summary>The widest line of running text.</summary>
    public const int Columns = 140;

    /// <summary>Writes a page in one piece, its text wrapped.</summary>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public static void Write(string path, string text) => AtomicFile.WriteText(path, Wrap(text));

    /// <summary>Flows every paragraph that has a wider line anew. A list's item and a quotation keep their indent; a word, a link or a
    /// piece of code is never broken.</summary>
    public static string Wrap(string text)
    {
        var (lines, wrapped) = (text.Split('\n'), new List<string>());
        var isCode = false;
        for (var at = 0; at < lines.Length; at++)
        {
            var line = lines[at];
            isCode ^= line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            if (isCode || line.Length <= Columns || Rows().IsMatch(line))
            {
                wrapped.Add(line);
                continue;
            }

            var mark = Mark().Match(line).Value;
            var paragraph = line[mark.Length..];
            while (at + 1 < lines.Length && lines[at + 1].Length > 0 && !Begins().IsMatch(lines[at + 1]))
            {
                paragraph += " " + lines[++at].Trim();
            }

            Flow(paragraph, mark, wrapped);
        }

        return string.Join('\n', wrapped);
    }

    private static void Flow(string paragraph, string mark, List<string> lines)
    {
        var (line, isEmpty) = (mark, true);
        var indent = mark.Contains('>', StringComparison.Ordinal) ? mark : new string(' ', mark.Length);
        foreach (var word in Words().Matches(paragraph).Select(word => word.Value))
        {
            if (!isEmpty && line.Length + 1 + word.Length > Columns && !Begins().IsMatch(word + " "))
            {
                lines.Add(line);
                (line, isEmpty) = (indent, true);
            }

            line += isEmpty ? word : " " + word;
            isEmpty = false;
        }

        lines.Add(line);
    }

    [GeneratedRegex(@"^\s*(\||#|!\[)")]
    private static partial Regex Rows();

    [GeneratedRegex(@"^\s*((?:[-*+]|\d+\.)\s+|>\s?)?")]
    private static partial Regex Mark();

    [GeneratedRegex(@"^\s*([-*+]\s|\d+\.\s|>|#|\||```|<|$)")]
    private static partial Regex Begins();

    [GeneratedRegex(@"(?:`[^`]*`|\[[^\]]*\]\([^)]*\)|\S)+")]
    private static partial Regex Words();
}
