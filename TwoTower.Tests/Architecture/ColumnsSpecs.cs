using TwoTower.Node.Display;
using TwoTower.Tests.Node;

namespace TwoTower.Tests.Architecture;

/// <summary>Code and pages are read beside something else: no line is wider than <see cref="MarkdownPage.Columns"/>.</summary>
public sealed class ColumnsSpecs
{
    [Fact]
    public void No_line_of_code_is_wider_than_140_columns_but_for_a_text_that_goes_on()
    {
        var wide = Files("*.cs").SelectMany(file => Wide(File.ReadAllLines(file)).Select(line => $"{Path.GetFileName(file)}:{line}"));

        Assert.Empty(wide);
    }

    [Theory]
    [InlineData("var x = F(aaa, $\"{line}\");", 0)]
    [InlineData("+ \"{line}\" + F(1)", 0)]
    [InlineData("var x = \"a\" + F({line});", 1)]
    [InlineData("var x = F(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, \"{line}\");", 1)]
    [InlineData("/// {line}", 1)]
    public void A_wide_line_is_found_unless_a_text_is_what_makes_it_wide(string form, int found) =>
        Assert.Equal(found, Wide([form.Replace("{line}", new string('w', 150), StringComparison.Ordinal)]).Count());

    [Fact]
    public void Every_page_is_wrapped_at_140_columns()
    {
        foreach (var page in Files("*.md"))
        {
            var text = File.ReadAllText(page).ReplaceLineEndings("\n");
            Assert.Equal(text, MarkdownPage.Wrap(text));
        }
    }

    /// <summary>Numbers of the lines that are too wide. A text at the beginning of a line, or one that goes on over lines, is as wide as
    /// what it prints.</summary>
    private static IEnumerable<int> Wide(string[] lines)
    {
        var isText = false;
        for (var at = 0; at < lines.Length; at++)
        {
            var (line, wasText) = (lines[at], isText);
            isText ^= line.Split("\"\"\"").Length % 2 == 0;
            if (line.Length > MarkdownPage.Columns && !wasText && !BeginsWithText(line))
            {
                yield return at + 1;
            }
        }
    }

    private static bool BeginsWithText(string line)
    {
        var (first, last) = (line.IndexOf('"', StringComparison.Ordinal), line.LastIndexOf('"'));
        return first >= 0 && first - (line.Length - line.TrimStart().Length) <= 40 && line.Length - (last - first) <= MarkdownPage.Columns;
    }

    private static IEnumerable<string> Files(string pattern) => new DirectoryInfo(ReadmeSpecs.Root())
        .EnumerateDirectories().Where(folder => folder.Name is "docs" || folder.Name.StartsWith("TwoTower.", StringComparison.Ordinal))
        .SelectMany(folder => folder.EnumerateFiles(pattern, SearchOption.AllDirectories))
        .Concat(new DirectoryInfo(ReadmeSpecs.Root()).EnumerateFiles(pattern))
        .Select(file => file.FullName)
        .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "node_modules"));
}
