using System.CommandLine;
using TwoTower.Model.Data;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Commands;

/// <summary>The options of commands that read data without training: --lenient, and --set for columns and threshold.</summary>
internal sealed class ReadingOptions
{
    private static readonly string[] s_keys =
        ["data.userColumn", "data.itemColumn", "data.ratingColumn", "data.timestampColumn", "data.titleColumn", "data.timeFormat",
            "data.missing", "data.positiveThreshold", "data.lenient", "data.lenientShare"];

    private readonly bool _takesAllData;

    private readonly Option<bool> _lenient = new("--lenient") { Description = "Skip and count lines that do not parse" };

    /// <summary>The option <c>--set</c>.</summary>
    public Option<string[]> Set { get; }

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="takesAllData">Whether every setting of data.* has a part in it, because it splits what it reads.</param>
    public ReadingOptions(Command command, bool takesAllData = false)
    {
        _takesAllData = takesAllData;
        Set = new Option<string[]>("--set")
        {
            Description = takesAllData ? "A setting of data.*; may be repeated"
            : $"One of {string.Join(", ", s_keys)}; may be repeated"
        };
        command.Options.Add(_lenient);
        command.Options.Add(Set);
    }

    /// <summary>An option that was given although what is read is settled already; null when none was.</summary>
    public Option? Unused(ParseResult parsed) =>
        new Option[] { _lenient, Set }.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false });

    /// <summary>What was given.</summary>
    /// <exception cref="SettingException">A setting has no part in reading, or does not take the value.</exception>
    public DataOptions Of(ParseResult parsed) => Of(parsed.GetValue(Set) ?? [], parsed.GetValue(_lenient), _takesAllData);

    /// <summary>The same from what a command line holds.</summary>
    public static DataOptions Of(IReadOnlyList<string> pairs, bool lenient, bool takesAllData = false)
    {
        var settings = new ResolvedSettings("none");
        foreach (var pair in pairs)
        {
            var (key, value) = SettingCatalogue.Pair(pair);
            var known = SettingCatalogue.Find(key).Key;
            if (takesAllData ? !known.StartsWith("data.", StringComparison.Ordinal) : !s_keys.Contains(known, StringComparer.Ordinal))
            {
                throw new SettingException(
                    $"'{key}' has no part in reading data; here --set takes {(takesAllData ? "data.*" : string.Join(", ", s_keys))}.");
            }

            settings.Set(key, value, "--set");
        }

        return lenient ? settings.Values.Data with { Lenient = true } : settings.Values.Data;
    }
}
