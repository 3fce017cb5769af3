using System.Diagnostics;
using System.Text.RegularExpressions;

namespace TwoTower.Tests.Node;

/// <summary>What the README and the pages under docs show is what the program prints.</summary>
public sealed partial class ReadmeSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("twotower-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_transcript_of_a_first_run_is_what_train_prints_within_80_columns()
    {
        // Under ssp the last digits of a model's metrics and all times differ from run to run, so numbers there are compared by their place
        // only; what a seed decides (settings, data, baselines, protocol) is compared to the letter.
        var page = await File.ReadAllTextAsync(Path.Combine(Root(), "docs", "first-run.md"));
        var shown = Transcript().Match(page).Groups[1].Value.Trim('\n').Split('\n');
        Assert.True(shown.Length > 40, $"The transcript has {shown.Length} lines.");
        var start = new ProcessStartInfo("dotnet", [TestedProgram.Path, "train"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = _folder
        };
        using var process = Process.Start(start)!;
        var printed = (await process.StandardOutput.ReadToEndAsync()).TrimEnd().ReplaceLineEndings("\n").Split('\n');
        await process.WaitForExitAsync();

        var at = 0;
        var mayLeaveOut = false;
        foreach (var line in shown)
        {
            if (line == "…")
            {
                mayLeaveOut = true;
                continue;
            }

            var expected = Comparable(line);
            if (mayLeaveOut)
            {
                at = Array.FindLastIndex(printed, candidate => Comparable(candidate) == expected);
                mayLeaveOut = false;
                Assert.True(at >= 0, $"Not printed: {line}");
            }

            Assert.Equal(expected, Comparable(printed[at++]));
        }

        Assert.Equal(printed.Length, at);
        Assert.All(printed, line => Assert.True(line.Length <= 80, line));
    }

    [Fact]
    public async Task The_readme_is_short_and_every_link_in_it_and_in_the_documents_leads_somewhere()
    {
        var root = Root();
        var pages = Directory.GetFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories)
            .Concat(Directory.GetFiles(root, "*.md"));
        foreach (var page in pages)
        {
            var text = await File.ReadAllTextAsync(page);
            Assert.All(Links().Matches(text).Select(link => link.Groups[1].Value), link =>
                Assert.True(Path.Exists(Path.Combine(Path.GetDirectoryName(page)!, link)),
                    $"{Path.GetRelativePath(root, page)} links to {link}, which is not there."));
        }

        Assert.True((await File.ReadAllLinesAsync(Path.Combine(root, "README.md"))).Length <= 180);
    }

    [Fact]
    public async Task The_reference_of_settings_is_what_the_program_prints()
    {
        using var process =
            Process.Start(new ProcessStartInfo("dotnet", [TestedProgram.Path, "settings", "--markdown"])
            {
                RedirectStandardOutput = true
            })!;
        var printed = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal((await File.ReadAllTextAsync(Path.Combine(Root(), "docs", "settings.md"))).ReplaceLineEndings("\n"),
            printed.ReplaceLineEndings("\n"));
    }

    private static string Comparable(string line) =>
        Varying().IsMatch(line) ? Gaps().Replace(Numbers().Replace(Verdicts().Replace(line, string.Empty), "#"), " ") : line;

    internal static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "TwoTower.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not stand in the repository.");
        }

        return folder.FullName;
    }

    /// <summary>Links to files, without the heading they lead to.</summary>
    [GeneratedRegex(@"\]\((?!https?:|#)([^)#\s]+)[^)]*\)")]
    private static partial Regex Links();

    [GeneratedRegex("<!-- transcript: [^\n]*-->\n```\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Transcript();

    /// <summary>Lines that time or the order of pushes has a part in.</summary>
    [GeneratedRegex(@"^(epoch|  epoch|  two towers|  (recall|ndcg)@\d+ +-|  Best epoch|Staleness|  in clocks|Throughput|  gemm|Peak|In-batch|  [0-9a-f]{64}$|Run folder|  way from|Two towers win|The difference|The oracle has|    twotower recommend)")]
    private static partial Regex Varying();

    [GeneratedRegex(@"  (no winner|model wins|baseline wins|best)$")]
    private static partial Regex Verdicts();

    [GeneratedRegex(@"[0-9a-f]{64}|[+-]?\d[\d,.:]*(-\d+)*")]
    private static partial Regex Numbers();

    [GeneratedRegex(" +")]
    private static partial Regex Gaps();
}
