using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using TwoTower.Node.Display;
using TwoTower.Node.Shell;

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
            option.Action = new Shown();
        }
    }

    /// <summary>What a command does, in a few words: its text up to the first full stop or colon.</summary>
    public static string Summary(Command command)
    {
        var text = Text(command);
        var end = Enumerable.Range(0, text.Length)
            .FirstOrDefault(n => text[n] is '.' or ':' && (n + 1 == text.Length || char.IsWhiteSpace(text[n + 1])), text.Length);
        return text[..end];
    }

    /// <summary>What a command does, in one paragraph; what stands further in than the rest is <see cref="Listed"/>.</summary>
    public static string Text(Command command) =>
        string.Join(' ', Said(command).Where(line => !line.StartsWith("  ", StringComparison.Ordinal)).Select(line => line.Trim())
        .Where(line => line.Length > 0));

    /// <summary>The same in its paragraphs.</summary>
    public static IEnumerable<string> Paragraphs(Command command)
    {
        var words = new List<string>();
        foreach (var line in Said(command).Where(line => !line.StartsWith("  ", StringComparison.Ordinal)).Select(line => line.Trim())
            .Append(string.Empty))
        {
            if (line.Length > 0)
            {
                words.Add(line);
            }
            else if (words.Count > 0)
            {
                yield return string.Join(' ', words);
                words.Clear();
            }
        }
    }

    /// <summary>What its text lists, an entry each: a word and what it means.</summary>
    public static IReadOnlyList<(string Word, string Meaning)> Listed(Command command) =>
    [
        .. Said(command).Where(line => line.StartsWith("  ", StringComparison.Ordinal)).Select(line => line.Trim().Split(' ', 2))
            .Select(parts => (parts[0], parts.Length > 1 ? parts[1].Trim() : string.Empty)),
    ];

    /// <summary>Its examples, a command line each.</summary>
    public static IReadOnlyList<string> Examples(Command command) =>
        [.. Lines(command).SkipWhile(line => !IsHeading(line)).Skip(1).Select(line => line.Trim()).Where(line => line.Length > 0)];

    private static IEnumerable<string> Said(Command command) => Lines(command).TakeWhile(line => !IsHeading(line));

    private static string[] Lines(Command command) => (command.Description ?? string.Empty).ReplaceLineEndings("\n").Split('\n');

    private static bool IsHeading(string line) => line.Trim() is "Example:" or "Examples:";

    private sealed class Shown : SynchronousCommandLineAction
    {
        /// <summary>Who asks for help has not typed all that a command needs.</summary>
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parsed)
        {
            parsed.InvocationConfiguration.Output.Write(HelpPage.Of(parsed.CommandResult.Command, Columns()).ReplaceLineEndings());
            return ExitCode.Success;
        }

        /// <summary>The terminal's width; without one what COLUMNS says, or what every terminal has.</summary>
        private static int Columns()
        {
            if (!Console.IsOutputRedirected)
            {
                try
                {
                    return Console.WindowWidth is > 0 and var width ? width : Paragraph.Width;
                }
                catch (IOException)
                {
                    return Paragraph.Width; // a terminal that does not say how wide it is
                }
            }

            return int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), System.Globalization.CultureInfo.InvariantCulture,
                out var columns) && columns > 0 ? columns : Paragraph.Width;
        }
    }
}
