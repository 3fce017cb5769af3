using System.CommandLine;
using System.CommandLine.Help;
using System.Text;

namespace TwoTower.Node.Commands;

/// <summary>A command's help as text of a width: no line is longer.</summary>
internal static class HelpPage
{
    /// <summary>Columns between which a page is made: narrower it cannot be read, and wider the eye loses the line.</summary>
    public const int Narrowest = 40, Widest = 120;

    // Options and commands stand in a column of so many, beside what they do; a longer one has a line of its own.
    private const int MostTerm = 26;

    /// <summary>The page.</summary>
    /// <param name="command">The command.</param>
    /// <param name="columns">How wide the page may be.</param>
    public static string Of(Command command, int columns)
    {
        var width = Math.Clamp(columns, Narrowest, Widest);
        var page = new StringBuilder();
        foreach (var paragraph in CommandHelp.Paragraphs(command))
        {
            page.AppendJoin('\n', Wrapped(paragraph, width)).Append("\n\n");
        }

        Section(page, string.Empty, CommandHelp.Listed(command), width);
        page.Append("Usage:\n").AppendJoin('\n', Wrapped(Usage(command), width - 2).Select(line => $"  {line}")).Append("\n\n");
        if (CommandHelp.Examples(command) is { Count: > 0 } examples)
        {
            page.Append(examples.Count == 1 ? "Example:\n" : "Examples:\n")
                .AppendJoin('\n', examples.SelectMany(example => Continued(example, width - 2)).Select(line => $"  {line}")).Append("\n\n");
        }

        Section(page, "Arguments:", [.. command.Arguments.Select(argument => ($"<{argument.Name}>", argument.Description ?? string.Empty))],
            width);
        Section(page, "Commands:",
            [.. command.Subcommands.Where(known => !known.Hidden).Select(known => (Name(known), CommandHelp.Summary(known)))], width);
        Section(page, "Options:", [.. command.Options.Where(option => !option.Hidden).Select(option => (Name(option), Meaning(option)))],
            width);
        if (command.Subcommands.Count > 0)
        {
            page.AppendJoin('\n', Wrapped($"'{CommandRefusal.Path(command)} <command> --help' says what a command does and takes.", width))
                .Append("\n\n");
        }

        return page.ToString().TrimEnd('\n') + "\n";
    }

    /// <summary>Words in lines of a width; only a word that is longer than that is broken.</summary>
    internal static IEnumerable<string> Wrapped(string text, int width)
    {
        var line = new StringBuilder();
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(word => word.Chunk(width).Select(letters => new string(letters))))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line.ToString();
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : string.Empty).Append(word);
        }

        if (line.Length > 0)
        {
            yield return line.ToString();
        }
    }

    /// <summary>A command line in lines of a width, as a shell takes it: an option stays with its value, and what is quoted
    /// stays whole, however long it is.</summary>
    internal static IEnumerable<string> Continued(string command, int width)
    {
        var line = string.Empty;
        foreach (var (unit, isLast) in Units(command))
        {
            if (line.Trim().Length > 0 && line.Length + 1 + unit.Length + (isLast ? 0 : 2) > width)
            {
                yield return $"{line} \\";
                line = "   ";
            }

            line = line.Length > 0 ? $"{line} {unit}" : unit;
        }

        yield return line;
    }

    private static IEnumerable<(string Unit, bool IsLast)> Units(string command)
    {
        var (start, quote) = (0, '\0');
        for (var n = 0; n < command.Length; n++)
        {
            quote = quote == command[n] ? '\0' : quote == '\0' && command[n] is '"' or '\'' ? command[n] : quote;
            if (command[n] == ' ' && quote == '\0' && (command[start] != '-' || command[start..n].Contains(' ', StringComparison.Ordinal)
                || command[n + 1] == '-'))
            {
                yield return (command[start..n], false);
                start = n + 1;
            }
        }

        yield return (command[start..], true);
    }

    private static void Section(StringBuilder page, string heading, IReadOnlyList<(string Term, string Meaning)> rows, int width)
    {
        if (rows.Count == 0)
        {
            return;
        }

        page.Append(heading.Length > 0 ? $"{heading}\n" : string.Empty);
        var column = width < 60 ? 6 : 4 + Math.Min(MostTerm, rows.Where(row => row.Term.Length <= MostTerm).Select(row => row.Term.Length)
            .DefaultIfEmpty(MostTerm).Max());
        foreach (var (term, meaning) in rows)
        {
            var lines = Wrapped(meaning, width - column).ToList();
            if (2 + term.Length + 2 > column)
            {
                page.AppendJoin('\n', Wrapped(term, width - 2).Select(part => $"  {part}")).Append('\n');
            }
            else
            {
                page.Append($"  {term}".PadRight(column)).Append(lines.FirstOrDefault()).Append('\n');
                lines = [.. lines.Skip(1)];
            }

            page.AppendJoin("", lines.Select(line => $"{new string(' ', column)}{line}\n"));
        }

        page.Append('\n');
    }

    private static string Usage(Command command)
    {
        var arguments = command.Arguments.Select(argument => argument.Arity.MinimumNumberOfValues == 0 || argument.HasDefaultValue
            ? $"[{argument.Name}]" : argument.Arity.MaximumNumberOfValues > 1 ? $"<{argument.Name}>..." : $"<{argument.Name}>");
        string[] parts =
        [
            CommandRefusal.Path(command), .. command.Subcommands.Count > 0 ? [command.Action is null ? "<command>" : "[command]"]
                : Array.Empty<string>(), .. arguments,
            .. command.Options.Where(option => option.Required).Select(Name), "[options]",
        ];
        return string.Join(' ', parts);
    }

    private static string Name(Command command) =>
        string.Join(' ', command.Arguments.Select(argument => $"<{argument.Name}>").Prepend(command.Name));

    private static string Name(Option option) => option is HelpOption ? "-h, --help" : OptionValue.Of(option) is { } value
        ? $"{option.Name} {value}" : option.Name;

    private static string Meaning(Option option) => option switch
    {
        HelpOption => "Show this page",
        VersionOption => "Show the program's version",
        { Required: true } => $"{option.Description} (required)",
        _ when CommandReference.Default(option) is { } value => $"{option.Description} (default: {value})",
        _ => option.Description ?? string.Empty,
    };
}
