using System.CommandLine;
using TwoTower.Model.Data;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Commands;

/// <summary>The options of commands that read data without training: --lenient, and --set for columns and threshold.</summary>
public sealed class ReadingOptions
{
    private static readonly string[] s_keys =
        ["data.userColumn", "data.itemColumn", "data.ratingColumn", "data.timestampColumn", "data.positiveThreshold", "data.lenient"];

    private readonly Option<bool> _lenient = new("--lenient") { Description = "Skip and count lines that do not parse" };

    /// <summary>The option <c>--set</c>.</summary>
    public Option<string[]> Set { get; } = new("--set") { Description = $"One of {string.Join(", ", s_keys)}; may be repeated" };

    /// <summary>Adds the options to a command.</summary>
    public ReadingOptions(Command command)
    {
        command.Options.Add(_lenient);
        command.Options.Add(Set);
    }

    /// <summary>An option that was given although what is read is settled already; null when none was.</summary>
    public Option? Unused(ParseResult parsed) => new Option[] { _lenient, Set }.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false });

    /// <summary>What was given.</summary>
    /// <exception cref="SettingException">A setting has no part in reading, or does not take the value.</exception>
    public DataOptions Of(ParseResult parsed) => Of(parsed.GetValue(Set) ?? [], parsed.GetValue(_lenient));

    /// <summary>The same from what a command line holds.</summary>
    public static DataOptions Of(IReadOnlyList<string> pairs, bool lenient)
    {
        var settings = new ResolvedSettings("none");
        foreach (var pair in pairs)
        {
            var (key, value) = SettingCatalogue.Pair(pair);
            if (!s_keys.Contains(SettingCatalogue.Find(key).Key, StringComparer.Ordinal))
            {
                throw new SettingException($"'{key}' has no part in reading data; here --set takes {string.Join(", ", s_keys)}.");
            }

            settings.Set(key, value, "--set");
        }

        return lenient ? settings.Values.Data with { Lenient = true } : settings.Values.Data;
    }
}
