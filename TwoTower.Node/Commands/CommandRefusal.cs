using System.CommandLine;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Commands;

/// <summary>A command line that cannot be read, in one sentence that says what may have been meant.</summary>
internal static class CommandRefusal
{
    public static string Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        return $"{Reason(parsed, command)} See '{Path(command)} --help'.";
    }

    /// <summary>A command as it is typed, from the program's name on.</summary>
    public static string Path(Command command) => command.Parents.OfType<Command>().FirstOrDefault() is { } parent
        ? $"{Path(parent)} {command.Name}" : "twotower";

    private static string Reason(ParseResult parsed, Command command)
    {
        if (parsed.UnmatchedTokens is not [var unknown, ..])
        {
            return command.Subcommands.Count > 0 && parsed.CommandResult.Tokens.Count == 0
                ? $"'{Path(command)}' needs one of {string.Join(", ", command.Subcommands.Select(known => known.Name))}."
                : string.Join(' ', parsed.Errors.Select(error => error.Message).Distinct());
        }

        if (unknown.StartsWith('-'))
        {
            return $"'{Path(command)}' has no option '{unknown}'.{Question(unknown, command.Options.Select(option => option.Name))}";
        }

        return command.Subcommands.Count > 0
            ? $"There is no command '{Path(command)} {unknown}'.{Question(unknown, command.Subcommands.Select(known => known.Name))}"
            : $"'{Path(command)}' takes no argument '{unknown}'.";
    }

    private static string Question(string unknown, IEnumerable<string> known) => NearNames.Question(NearNames.Of(unknown, known));
}
