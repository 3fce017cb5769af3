using System.CommandLine;
using System.CommandLine.Help;
using System.Text;
using System.Text.Json.Nodes;
using TwoTower.Node.Display;

namespace TwoTower.Node.Commands;

/// <summary>The reference of all commands, made from the commands themselves.</summary>
internal static class CommandReference
{
    private const string Head = """
        # Commands

        Made by `twotower commands --markdown`. Any setting of [settings.md](settings.md) can be given by `--set key=value` where a command takes settings.

        **Exit codes.** 0: done. 1: it could not be done, or what was asked about is not so (`replay`, `reproduce`, `doctor`, `node health`). 2: the command line, a setting, the data or a folder cannot be used; one
        sentence on standard error says why. 130: stopped by a signal, with the state saved; `node` and `cluster up` end with 0 then.

        **Output.** Results go to standard output, refusals and notices to standard error. `--json` prints the result alone, as JSON. Colours and live tables are for terminals: a pipe, or a variable `NO_COLOR` that is not
        empty, gets plain lines. `TWOTOWER_DEBUG=1` shows where an unexpected failure came from.

        `cluster up` and `node` print the lines of several processes as they come, `node health` answers by its exit code, `dashboard` serves until it is stopped, and `completions` prints a script: these have no `--json`.

        **Completions.** `eval "$(twotower completions bash)"`; also for zsh, fish and PowerShell.


        """;

    /// <summary>Every command that does something, in the order of the help, with whatever stands below it.</summary>
    public static IEnumerable<Command> Leaves(Command command) =>
        command.Subcommands.SelectMany(known => known.Action is null ? Leaves(known) : Leaves(known).Prepend(known));

    /// <summary>The page.</summary>
    public static string Markdown(IEnumerable<Command> commands)
    {
        var page = new StringBuilder(Head.ReplaceLineEndings("\n"));
        page.AppendJoin("", commands.Select(Section));
        return MarkdownPage.Wrap(page.ToString().TrimEnd('\n') + "\n");
    }

    /// <summary>A command as an object.</summary>
    public static JsonObject Json(Command command) => new()
    {
        ["command"] = CommandRefusal.Path(command),
        ["description"] = CommandHelp.Text(command),
        ["arguments"] =
            new JsonArray(
            [.. command.Arguments.Select(argument => (JsonNode)new JsonObject { ["name"] = argument.Name,
            ["description"] = argument.Description })]),
        ["options"] =
            new JsonArray(
            [.. Options(command).Select(option => (JsonNode)new JsonObject { ["name"] = option.Name, ["description"] = option.Description,
            ["default"] = Default(option), ["required"] = option.Required })]),
        ["examples"] = new JsonArray([.. CommandHelp.Examples(command).Select(example => (JsonNode)example)]),
    };

    private static string Section(Command command)
    {
        var section =
            new StringBuilder(
            $"## {CommandRefusal.Path(command)}{string.Concat(command.Arguments.Select(argument => $" <{argument.Name}>"))}\n\n{CommandHelp.Text(command)}\n\n");
        if (CommandHelp.Listed(command) is { Count: > 0 } entries)
        {
            section.AppendJoin('\n', entries.Select(entry => $"- `{entry.Word}`: {entry.Meaning}")).Append("\n\n");
        }

        if (CommandHelp.Examples(command) is { Count: > 0 } examples)
        {
            section.Append("```\n").AppendJoin('\n', examples).Append("\n```\n\n");
        }

        var rows = command.Arguments.Select(argument => ($"<{argument.Name}>", Cell(argument.Description)))
            .Concat(Options(command)
            .Select(option =>
            (option.Name,
            $"{Cell(option.Description)}{(option.Required ? " (required)" : Default(option) is { } value ? $" (default: {value})" : string.Empty)}"))).ToArray();
        if (rows.Length > 0)
        {
            section.Append("| option | what |\n|---|---|\n").AppendJoin("", rows.Select(row => $"| `{row.Item1}` | {row.Item2} |\n"))
                .Append('\n');
        }

        return section.ToString();
    }

    private static IEnumerable<Option> Options(Command command) =>
        command.Options.Where(option => option is not HelpOption && !option.Hidden);

    internal static string? Default(Option option) => option.HasDefaultValue && option.GetDefaultValue() is { } value and not false
        ? value.ToString() : null;

    private static string Cell(string? text) => (text ?? string.Empty).Replace("|", "\\|", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal);
}
