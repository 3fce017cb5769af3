using System.CommandLine;
using System.Diagnostics;
using TwoTower.Node;
using TwoTower.Tests.Cluster.Local;

namespace TwoTower.Tests.Node;

/// <summary>What makes a command line comfortable: help, hints, completions, JSON.</summary>
public class ShellSpecs
{
    /// <summary>Commands whose output is that of several processes as it comes, an exit code, or a script.</summary>
    private static readonly string[] s_withoutJson = ["cluster up", "dashboard", "node", "node health", "completions"];

    [Fact]
    public void Every_command_has_an_example_that_parses_and_says_what_each_option_is_for()
    {
        var root = Program.Root();
        Assert.All(All(root), named =>
        {
            var examples = (named.Command.Description ?? string.Empty).Split('\n').Select(line => line.Trim())
                .Where(line => line.Contains($"twotower {named.Name}", StringComparison.Ordinal)).ToArray();
            Assert.True(examples.Length > 0, $"'{named.Name}' shows no example of itself.");
            Assert.All(named.Command.Options, option => Assert.False(string.IsNullOrWhiteSpace(option.Description),
                $"{named.Name} {option.Name}"));
            Assert.All(examples.SelectMany(line => line.Split("&&")).Where(line => !line.Contains("$(", StringComparison.Ordinal)),
                example =>
                    Assert.True(root.Parse(example.Trim()["twotower ".Length..].Split(" > ")[0]).Errors.Count == 0, example));
        });
    }

    [Fact]
    public void Every_command_whose_result_is_data_prints_it_as_json_when_asked() =>
        Assert.Equal(s_withoutJson.Order(), All(Program.Root()).Where(named => named.Command.Options.All(option => option.Name != "--json"))
            .Select(named => named.Name).Order());

    [Fact]
    public async Task The_reference_of_commands_is_what_the_program_prints()
    {
        var (code, printed, _) = await ProgramRun.RunAsync("commands", "--markdown");
        Assert.Equal(0, code);
        Assert.Equal((await File.ReadAllTextAsync(Path.Combine(ReadmeSpecs.Root(), "docs", "commands.md"))).ReplaceLineEndings("\n"),
            printed.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData("There is no command 'twotower tarin'. Did you mean 'train'?", "tarin")]
    [InlineData("There is no command 'twotower data inspct'. Did you mean 'inspect'?", "data", "inspct", "x")]
    [InlineData("'twotower train' has no option '--wrokers'. Did you mean '--workers'?", "train", "--wrokers", "4")]
    [InlineData("'twotower cluster' needs one of up, status.", "cluster")]
    [InlineData("There is no reproduction 'dai91'; there are", "reproduce", "dai91")]
    [InlineData("Did you mean 'parquet'?", "export", "--run", "x", "--format", "parket")]
    [InlineData("There are no completions for 'ksh'", "completions", "ksh")]
    public async Task What_is_misspelt_is_refused_with_what_may_have_been_meant(string expected, params string[] arguments)
    {
        var (code, output, error) = await ProgramRun.RunAsync(arguments);
        Assert.Equal((2, string.Empty), (code, output));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public async Task Help_is_given_although_a_command_lacks_what_it_needs_and_lists_commands_by_a_short_line()
    {
        var (code, help, _) = await ProgramRun.RunAsync("similar", "--help");
        Assert.Equal(0, code);
        Assert.Contains("twotower similar --run runs/mine", help, StringComparison.Ordinal);
        var (_, whole, _) = await ProgramRun.RunAsync();
        Assert.DoesNotContain("twotower similar", whole, StringComparison.Ordinal);
        Assert.Contains("Show which items lie nearest to one", whole, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("simulate")]
    [InlineData("train")]
    [InlineData("cluster up")]
    [InlineData("node")]
    [InlineData("sweep")]
    public async Task Help_that_goes_into_a_pipe_is_no_wider_than_a_page(string command)
    {
        var (code, help, _) = await ProgramRun.RunAsync([.. command.Split(' '), "--help"]);

        Assert.Equal(0, code);
        Assert.Contains("--epochs", help, StringComparison.Ordinal);
        Assert.All(help.Split('\n'), line => Assert.True(line.TrimEnd().Length <= 100, line));
    }

    [UnixFact]
    public async Task Bash_completes_commands_options_settings_and_values()
    {
        var (_, script, _) = await ProgramRun.RunAsync("completions", "bash");
        var program = Path.Combine(AppContext.BaseDirectory, "twotower.dll");
        var asked = new[] { "twotower tr", "twotower train --consis", "twotower train --set loss.temp",
            "twotower train --set loss.kind=samp", "twotower train --consistency ", "twotower export --format ", "twotower cluster u" };
        var ask = string.Join('\n',
            asked.Select(line => $"COMP_LINE='{line}'; COMP_POINT={line.Length}; _twotower; echo \"${{COMPREPLY[*]}}\""));

        // Outside a completion compopt complains.
        var text = $"twotower() {{ dotnet '{program}' \"$@\"; }}\ncompopt() {{ :; }}\n{script}\n{ask}\n";
        using var bash = Process.Start(new ProcessStartInfo("bash", ["--norc", "-c", text]) { RedirectStandardOutput = true })!;
        var replies = (await bash.StandardOutput.ReadToEndAsync()).TrimEnd('\n').Split('\n');
        await bash.WaitForExitAsync();

        Assert.Equal(["train", "--consistency", "loss.temperature=", "sampled-softmax", "asp bsp",
            "npy onnx parquet projector safetensors word2vec", "up"], replies);
    }

    [Fact]
    public async Task No_output_has_colours_when_it_is_piped()
    {
        foreach (var arguments in new string[][] { ["--help"], ["recipes"], ["commands"], ["settings", "--json"], ["doctor", "--json"] })
        {
            var (code, output, error) = await ProgramRun.RunAsync(arguments);
            Assert.Equal((0, string.Empty), (code, error));
            Assert.DoesNotContain('\u001b', output);
            if (arguments[^1] == "--json")
            {
                Assert.NotNull(System.Text.Json.Nodes.JsonNode.Parse(output));
            }
        }
    }

    private static IEnumerable<(string Name, Command Command)> All(Command command, string before = "") =>
        command.Subcommands.SelectMany(known =>
            (known.Action is null ? [] : new[] { ($"{before}{known.Name}", known) }).Concat(All(known, $"{before}{known.Name} ")));
}
