using System.CommandLine;
using System.CommandLine.Completions;
using System.Text.RegularExpressions;
using TwoTower.Node.Exports;
using TwoTower.Node.Recipes;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Commands;

/// <summary>What a shell offers for the values of options, by the name of the option; the names of commands and options
/// System.CommandLine knows itself.</summary>
internal static partial class Suggestions
{
    /// <summary>Gives every option of a command line what it offers.</summary>
    public static void Install(Command command)
    {
        foreach (var option in command.Options)
        {
            if (option.Name is "--set" or "--range")
            {
                option.CompletionSources.Add(context => Settings(context.WordToComplete).Select(text => new CompletionItem(text)));
            }
            else if (Values(command, option.Name) is { Count: > 0 } values)
            {
                option.CompletionSources.Add([.. values]);
            }
        }

        foreach (var argument in command.Arguments.Where(_ => command.Name == "reproduce"))
        {
            argument.CompletionSources.Add(["all", .. ReproduceCommand.All.Select(known => known.Name)]);
        }

        foreach (var child in command.Subcommands)
        {
            Install(child);
        }
    }

    private static IReadOnlyList<string> Values(Command command, string option) => (command.Name, option) switch
    {
        (_, "--recipe") => RecipeReader.BuiltIn,
        ("export", "--format") => [.. ExportFormat.All.Select(format => format.Name)],
        ("candidates", "--format") => ["parquet", "csv"],
        ("evaluate", "--protocol") => ["masked", "raw"],
        ("sweep", "--engine") => ["simulate", "train"],
        ("sweep", "--vary") => ["one", "all"],
        ("plan", "--machines") => ["one", "each"],
        (_, "--network") => ["ideal", "local", "lan", "cloud", "wan"],
        (_, "--checks" or "--numerics") => ["on", "off"],
        _ => RunCommand.Flags.FirstOrDefault(flag => flag.Flag == option).Key is { } key ? Choices(SettingCatalogue.Find(key)) : [],
    };

    /// <summary>Keys that begin as the word does; after the equals sign the values that the setting takes, where it takes names.</summary>
    private static IEnumerable<string> Settings(string word)
    {
        var at = word.IndexOf('=', StringComparison.Ordinal);
        return at < 0
            ? SettingCatalogue.All.Select(setting => $"{setting.Key}=")
            : SettingCatalogue.All.Where(setting => setting.Key.Equals(word[..at], StringComparison.OrdinalIgnoreCase)).SelectMany(Choices)
                .Select(value => $"{word[..at]}={value}");
    }

    private static IReadOnlyList<string> Choices(Setting setting) =>
        [.. setting.Values.Split(',', StringSplitOptions.TrimEntries).Select(value => value.Split(' ')[0])
        .Where(value => Name().IsMatch(value))];

    [GeneratedRegex("^[a-z][a-z0-9-]*$")]
    private static partial Regex Name();
}
