using System.Diagnostics;
using System.Text.RegularExpressions;

namespace TwoTower.Tests.Node;

/// <summary>What the README shows is what the program prints.</summary>
public sealed partial class ReadmeSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("twotower-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_transcript_in_the_readme_is_what_train_prints()
    {
        // Under ssp the last digits of a model's metrics and all times differ from run to run, so numbers there are compared by their place only;
        // what a seed decides (settings, data, baselines, protocol) is compared to the letter.
        var readme = await File.ReadAllTextAsync(Path.Combine(Root(), "README.md"));
        var shown = Transcript().Match(readme).Groups[1].Value.Trim('\n').Split('\n');
        Assert.True(shown.Length > 40, $"The transcript has {shown.Length} lines.");
        var start = new ProcessStartInfo("dotnet", [TestedProgram.Path, "train"]) { RedirectStandardOutput = true, WorkingDirectory = _folder };
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
    }

    [Fact]
    public async Task The_reference_of_settings_is_what_the_program_prints()
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [TestedProgram.Path, "settings", "--markdown"]) { RedirectStandardOutput = true })!;
        var printed = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal((await File.ReadAllTextAsync(Path.Combine(Root(), "docs", "settings.md"))).ReplaceLineEndings("\n"), printed.ReplaceLineEndings("\n"));
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
