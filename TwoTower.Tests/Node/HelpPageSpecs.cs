using System.CommandLine;
using System.Diagnostics;
using System.Text;
using TwoTower.Node;
using TwoTower.Node.Commands;
using TwoTower.Tests.Cluster.Local;

namespace TwoTower.Tests.Node;

/// <summary>Every help page is as it was read and found good: <c>HelpPages/80.txt</c> and <c>200.txt</c>. After a change write them anew
/// with <c>TWOTOWER_WRITE_HELP_PAGES=1 dotnet test TwoTower.Tests --filter HelpPageSpecs</c>, and read the difference.</summary>
public class HelpPageSpecs
{
    private static readonly RootCommand s_root = Program.Root();

    [Theory]
    [InlineData(80)]
    [InlineData(200)]
    public async Task Every_page_is_as_it_was_reviewed(int columns)
    {
        var pages = string.Concat(All(s_root)
            .Select(command => $"$ {CommandRefusal.Path(command)} --help\n{HelpPage.Of(command, columns)}\n"));
        var path = Path.Combine(ReadmeSpecs.Root(), "TwoTower.Tests", "Node", "HelpPages", $"{columns}.txt");
        if (Environment.GetEnvironmentVariable("TWOTOWER_WRITE_HELP_PAGES") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, pages);
        }

        Assert.Equal((await File.ReadAllTextAsync(path)).ReplaceLineEndings("\n"), pages);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(59)]
    [InlineData(80)]
    [InlineData(200)]
    public void No_line_is_longer_than_the_page_is_wide(int columns)
    {
        foreach (var command in All(s_root))
        {
            var lines = HelpPage.Of(command, columns).Split('\n');
            var examples = columns < 80 ? CommandHelp.Examples(command) : []; // a word of a command is not broken
            Assert.All(lines.Where(line => !examples.Any(example => example.Contains(line.Trim(' ', '\\'), StringComparison.Ordinal))),
                line => Assert.True(line.Length <= Math.Max(columns, HelpPage.Narrowest), $"{command.Name}: {line}"));
            Assert.All(lines, line => Assert.Equal(line.TrimEnd(), line));
        }
    }

    [Fact]
    public void Options_that_take_no_number_say_what_they_take() => Assert.All(
        All(s_root).SelectMany(command => command.Options)
            .Where(option => !option.Hidden && option.ValueType != typeof(bool) && !OptionValue.IsKnown(option)
            && OptionValue.Of(option) is not null),
        option => Assert.True(
            option.ValueType == typeof(int) || option.ValueType == typeof(long) || option.ValueType == typeof(int?)
                || option.ValueType == typeof(long?) || Countable.Contains(option.Name), $"{option.Name} of {option.ValueType}"));

    /// <summary>Numbers that are read as text, so that what is none is refused with a sentence.</summary>
    private static readonly string[] Countable =
    [
        "--workers", "--shards", "--seed", "--windows", "--evaluators", "--from", "--halving", "--jobs", "--k", "--minutes", "--most",
        "--plans", "--positive-threshold", "--search-seed", "--seeds", "--servers", "--threads",
        "--trials", "--users", "--worker-actors", "--world-seed",
    ];

    [Fact]
    public void A_command_line_that_is_too_long_goes_on_as_a_shell_takes_it()
    {
        var lines = HelpPage.Continued("twotower sweep --grid 'a=1 2 3' --seeds 5 --set x=1 --json", 34).ToArray();

        Assert.Equal(["twotower sweep --grid 'a=1 2 3' \\", "    --seeds 5 --set x=1 --json"], lines);
        Assert.Equal(["twotower train"], HelpPage.Continued("twotower train", 34));
    }

    [Theory]
    [InlineData("", 80)]
    [InlineData("", 200)]
    [InlineData("train", 80)]
    [InlineData("simulate", 200)]
    [InlineData("data inspect", 80)]
    public async Task A_pipe_gets_the_page_of_the_width_that_columns_says(string command, int columns)
    {
        var (code, help, error) = await RunAsync([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"], $"{columns}");

        Assert.Equal((0, string.Empty), (code, error));
        Assert.Equal(HelpPage.Of(Found(command), columns), help.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("wide")]
    public async Task A_pipe_that_says_nothing_gets_what_every_terminal_has(string? columns)
    {
        var (_, help, _) = await RunAsync(["cluster", "up", "--help"], columns);
        Assert.Equal(HelpPage.Of(Found("cluster up"), 80), help.ReplaceLineEndings("\n"));
    }

    [UnixFact]
    public Task A_terminal_of_80_columns_gets_every_page_so() => ATerminalGetsEveryPageAsync(80);

    [UnixFact]
    public Task A_terminal_of_200_columns_gets_every_page_so() => ATerminalGetsEveryPageAsync(200);

    private static async Task ATerminalGetsEveryPageAsync(int columns)
    {
        var commands = All(s_root).Select(command => CommandRefusal.Path(command)["twotower".Length..]).ToArray();
        var program = Path.Combine(AppContext.BaseDirectory, "twotower.dll");
        var text = $"stty cols {columns}; for c in {string.Join(' ', commands.Select(command => $"'{command}'"))}; do dotnet '{program}' "
            + $"$c --help; done";
        var start = OperatingSystem.IsMacOS() ? new ProcessStartInfo("script", ["-q", "/dev/null", "sh", "-c", text])
            : new ProcessStartInfo("script", ["-qec", text, "/dev/null"]);
        (start.RedirectStandardOutput, start.RedirectStandardInput) = (true, true);
        start.Environment.Remove("COLUMNS");
        using var terminal = Process.Start(start)!;
        var shown = await terminal.StandardOutput.ReadToEndAsync();
        await terminal.WaitForExitAsync();

        // A terminal is told to be one (application keys) before it is written to.
        var lines = System.Text.RegularExpressions.Regex.Replace(shown, @"\u001b(\[[?0-9;]*[a-zA-Z]|=|>)", string.Empty)
            .ReplaceLineEndings("\n");
        Assert.Equal(string.Concat(commands.Select(command => HelpPage.Of(Found(command.Trim()), columns))), lines);
    }

    private static IEnumerable<Command> All(Command command) => command.Subcommands.Where(known => !known.Hidden).SelectMany(All)
        .Prepend(command);

    private static Command Found(string path) => path.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Aggregate((Command)s_root, (command, name) => command.Subcommands.Single(known => known.Name == name));

    private static async Task<(int Code, string Output, string Error)> RunAsync(string[] arguments, string? columns)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "twotower.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8
        };
        start.Environment.Remove("COLUMNS");
        if (columns is not null)
        {
            start.Environment["COLUMNS"] = columns;
        }

        using var program = Process.Start(start)!;
        var (output, error) = (program.StandardOutput.ReadToEndAsync(), program.StandardError.ReadToEndAsync());
        await program.WaitForExitAsync();
        return (program.ExitCode, await output, await error);
    }
}
