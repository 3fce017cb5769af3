using System.Text.RegularExpressions;

namespace TwoTower.Tests.Node;

/// <summary>What the documents tell people to type works: every block <c>```sh runnable</c> of the README and of docs is run, in one
/// folder, the tutorial's first, because others ask the run that it makes.</summary>
public sealed partial class RunnableDocsSpecs : IDisposable
{
    private const string Tutorial = "tutorial.md";
    private readonly string _folder = Directory.CreateTempSubdirectory("twotower-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Every_command_that_is_marked_runnable_runs()
    {
        var pages = Directory.GetFiles(Path.Combine(ReadmeSpecs.Root(), "docs"), "*.md", SearchOption.AllDirectories)
            .Append(Path.Combine(ReadmeSpecs.Root(), "README.md"))
            .OrderBy(page => Path.GetFileName(page) != Tutorial).ThenBy(page => page, StringComparer.Ordinal);
        var run = new HashSet<string>();
        foreach (var page in pages)
        {
            foreach (var line in Commands(await File.ReadAllTextAsync(page)).Where(run.Add))
            {
                var (arguments, output) = Parse(line);
                var result = await TwoTowerProcess.RunAsync(_folder, arguments);
                Assert.True(result.Code == 0, $"{Path.GetFileName(page)}: {line}\nended with {result.Code}: {result.Error}");
                if (output is not null)
                {
                    await File.WriteAllTextAsync(Path.Combine(_folder, output), result.Output);
                }
            }
        }

        Assert.True(run.Count >= 12, $"Only {run.Count} commands are marked runnable.");
    }

    [Fact]
    public void A_line_is_taken_apart_as_a_shell_does()
    {
        Assert.Equal(["one", "two words", "a=b c"], Parse("twotower one \"two words\" a=\"b c\"").Arguments);
        Assert.Equal("x.json", Parse("dotnet run -c Release --project TwoTower.Node -- map --json > x.json").Output);
        Assert.Equal(["twotower a", "twotower b"],
            Commands("```sh runnable\n# why\ntwotower a\n\ntwotower b   # and why\n```\n```sh\ntwotower c\n```\n"));
    }

    /// <summary>The lines of all runnable blocks, without comments.</summary>
    private static IEnumerable<string> Commands(string page) => Blocks().Matches(page.ReplaceLineEndings("\n"))
        .SelectMany(block => block.Groups[1].Value.Split('\n'))
        .Select(line => line.Split(" #")[0].Trim()).Where(line => line.Length > 0 && line[0] != '#');

    private static (string[] Arguments, string? Output) Parse(string line)
    {
        var program = new[] { "twotower ", "dotnet run -c Release --project TwoTower.Node -- " }.FirstOrDefault(start =>
            line.StartsWith(start, StringComparison.Ordinal));
        Assert.True(program is not null, $"Not a command of this program: {line}");
        var words = Words().Matches(line[program.Length..]).Select(word => word.Value.Replace("\"", string.Empty, StringComparison.Ordinal))
            .ToArray();
        return words is [.. var arguments, ">", var file] ? (arguments, file) : (words, null);
    }

    [GeneratedRegex("^```sh runnable\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Blocks();

    [GeneratedRegex("(?:[^\\s\"]|\"[^\"]*\")+")]
    private static partial Regex Words();
}
