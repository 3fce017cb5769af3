using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace TwoTower.Node.Commands;

/// <summary>Help as it is shown: a command's own text whole, with its examples; its subcommands' by their first sentence.</summary>
internal static class CommandHelp
{
    /// <summary>Makes a command line show its help so.</summary>
    public static void Install(RootCommand root)
    {
        foreach (var option in root.Options.OfType<HelpOption>())
        {
            option.Aliases.Remove("/h");
            option.Aliases.Remove("/?");
            option.Action = new Shown((HelpAction)option.Action!);
        }
    }

    /// <summary>What a command does, in a few words: its text up to the first full stop or colon.</summary>
    public static string Summary(Command command)
    {
        var text = Text(command);
        var end = Enumerable.Range(0, text.Length).FirstOrDefault(n => text[n] is '.' or ':' && (n + 1 == text.Length || char.IsWhiteSpace(text[n + 1])), text.Length);
        return text[..end];
    }

    /// <summary>What a command does, in one paragraph; what stands further in than the rest is <see cref="Listed"/>.</summary>
    public static string Text(Command command) => string.Join(' ', Said(command).Where(line => !line.StartsWith("  ", StringComparison.Ordinal)).Select(line => line.Trim()).Where(line => line.Length > 0));

    /// <summary>What its text lists, an entry each: a word and what it means.</summary>
    public static IReadOnlyList<(string Word, string Meaning)> Listed(Command command) =>
    [
        .. Said(command).Where(line => line.StartsWith("  ", StringComparison.Ordinal)).Select(line => line.Trim().Split(' ', 2)).Select(parts => (parts[0], parts.Length > 1 ? parts[1].Trim() : string.Empty)),
    ];

    /// <summary>Its examples, a command line each.</summary>
    public static IReadOnlyList<string> Examples(Command command) => [.. Lines(command).SkipWhile(line => !IsHeading(line)).Skip(1).Select(line => line.Trim()).Where(line => line.Length > 0)];

    private static IEnumerable<string> Said(Command command) => Lines(command).TakeWhile(line => !IsHeading(line));

    private static string[] Lines(Command command) => (command.Description ?? string.Empty).ReplaceLineEndings("\n").Split('\n');

    private static bool IsHeading(string line) => line.Trim() is "Example:" or "Examples:";

    /// <summary>Columns of help that goes into a pipe or a file: half of them are for what options do.</summary>
    private const int PipedWidth = 100;

    private sealed class Shown(HelpAction whole) : SynchronousCommandLineAction
    {
        /// <summary>Who asks for help has not typed all that a command needs.</summary>
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parsed)
        {
            foreach (var command in parsed.CommandResult.Command.Subcommands)
            {
                command.Description = Summary(command);
            }

            if (Console.IsOutputRedirected)
            {
                // Without a terminal its width is taken for none at all, and descriptions go so far right that nobody finds them.
                whole.MaxWidth = PipedWidth;
            }

            return whole.Invoke(parsed);
        }
    }
}
