using System.Globalization;
using TwoTower.Actors.Options;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Sizing;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Model.Data;
using TwoTower.Model.Options;

namespace TwoTower.Node.Settings;

/// <summary>All that decides a run.</summary>
internal sealed record RunSettings(TrainingOptions Training, DataOptions Data)
{
    /// <summary>What the run is held against.</summary>
    public JudgingOptions Judging { get; init; } = new();

    /// <summary>How windows roll, whether or not one is taken.</summary>
    public TimeWindow Windows { get; init; } = new(1, 1);

    /// <summary>The world of a simulated run.</summary>
    public WorldOptions World { get; init; } = new();

    /// <summary>Whether a simulated run computes gradients; without, it only counts rows and bytes.</summary>
    public bool Numerics { get; init; } = true;

    /// <summary>The sizes of a run with numerics off.</summary>
    public SizedModel Sizing { get; init; } = new();
}

/// <summary>A setting, recipe or option that cannot be used. The message is one sentence for a person.</summary>
internal sealed class SettingException(string message) : Exception(message);

/// <summary>One setting: its key, what it means, how it is read and changed.</summary>
/// <param name="Key">Its name in recipes and --set.</param>
/// <param name="Values">What it takes, in words.</param>
/// <param name="Description">What it means.</param>
/// <param name="Read">Its value as text that <paramref name="Apply"/> takes.</param>
/// <param name="Apply">The settings with this one changed.</param>
internal sealed record Setting(string Key, string Values, string Description, Func<RunSettings, string> Read,
    Func<RunSettings, string, RunSettings> Apply)
{
    /// <summary>A number in a range.</summary>
    public static Setting Number(string key, double from, double to, string description, Func<RunSettings, double> read,
        Func<RunSettings, double, RunSettings> apply) =>
            new(key, $"{Text(from)} to {Text(to)}", description, settings => Text(read(settings)), (settings, text) =>
                double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= from && value <= to
                    ? apply(settings, value)
                    : throw Refused(key, text, $"a number from {Text(from)} to {Text(to)}"));

    /// <summary>A whole number in a range.</summary>
    public static Setting Integer(string key, long from, long to, string description, Func<RunSettings, long> read,
        Func<RunSettings, long, RunSettings> apply) =>
            new(key, $"{from} to {to}", description, settings => read(settings).ToString(CultureInfo.InvariantCulture), (settings, text) =>
                long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= from
                    && value <= to
                    ? apply(settings, value)
                    : throw Refused(key, text, $"a whole number from {from} to {to}"));

    /// <summary>True or false.</summary>
    public static Setting Flag(string key, string description, Func<RunSettings, bool> read, Func<RunSettings, bool, RunSettings> apply) =>
        new(key, "true, false", description, settings => read(settings) ? "true" : "false", (settings, text) =>
            bool.TryParse(text, out var value) ? apply(settings, value) : throw Refused(key, text, "true or false"));

    /// <summary>One of some names.</summary>
    public static Setting Choice<T>(string key, (string Name, T Value)[] choices, string description, Func<RunSettings, T> read,
        Func<RunSettings, T, RunSettings> apply) =>
            new(key, string.Join(", ", choices.Select(choice => choice.Name)), description,
                settings => choices.First(choice => Equals(choice.Value, read(settings))).Name,
                (settings, text) =>
                {
                    var found = choices.Where(choice => choice.Name.Equals(text, StringComparison.OrdinalIgnoreCase)).ToArray();
                    return found.Length == 1 ? apply(settings, found[0].Value)
                        : throw Refused(key, text, $"one of {string.Join(", ", choices.Select(choice => choice.Name))}");
                });

    /// <summary>Some of several names, or none.</summary>
    public static Setting Names(string key, IReadOnlyList<string> names, string description, Func<RunSettings, IReadOnlyList<string>> read,
        Func<RunSettings, IReadOnlyList<string>, RunSettings> apply) =>
            new(key, $"none, or some of {string.Join(',', names)}", description, settings => read(settings) is { Count: > 0 } some
                ? string.Join(',', some) : "none", (settings, text) =>
                {
                    var words = text.ToLowerInvariant().Split(',', StringSplitOptions.TrimEntries);
                    return words is ["none" or ""] ? apply(settings, [])
                        : words.All(names.Contains) && words.Distinct(StringComparer.Ordinal).Count() == words.Length
                        ? apply(settings, words)
                        : throw Refused(key, text, $"none, or some of {string.Join(", ", names)} with commas between");
                });

    /// <summary>A stretch of the latest train positives.</summary>
    /// <param name="unlimited">The word for no limit.</param>
    public static Setting Recent(string key, string unlimited, string description, Func<RunSettings, RecentSpan> read,
        Func<RunSettings, RecentSpan, RunSettings> apply) =>
            new(key, $"{unlimited}, {RecentSpan.Forms}", description, settings => read(settings).ToText(unlimited), (settings, text) =>
                RecentSpan.TryParse(text, unlimited) is { } span ? apply(settings, span)
                    : throw Refused(key, text, $"{unlimited}, {RecentSpan.Forms}"));

    /// <summary>A text; empty is none.</summary>
    public static Setting Words(string key, string values, string description, Func<RunSettings, string?> read,
        Func<RunSettings, string?, RunSettings> apply) =>
            new(key, values, description, settings => read(settings) ?? string.Empty, (settings, text) =>
                apply(settings, text.Length == 0 ? null : text));

    /// <summary>A distribution; it prints the text that it was read from.</summary>
    public static Setting Drawn(string key, string description, Func<RunSettings, Distribution> read,
        Func<RunSettings, Distribution, RunSettings> apply) =>
            new(key, "constant:X, uniform:A:B, exponential:MEAN, lognormal:MEAN:CV, gamma:MEAN:CV, pareto:LEAST:ALPHA, trace:FILE",
                description,
                settings => read(settings).ToString(),
                (settings, text) =>
                {
                    try
                    {
                        return apply(settings, Distribution.Parse(text, File.ReadAllLines));
                    }
                    catch (WorldException impossible)
                    {
                        throw new SettingException($"{key}: {impossible.Message}");
                    }
                    catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
                    {
                        throw new SettingException($"{key}: the file of '{text}' cannot be read ({failure.Message}).");
                    }
                });

    /// <summary>A path that was given to an option; null when it was not given.</summary>
    /// <exception cref="SettingException">It is empty, which is what an unset variable of a shell gives.</exception>
    public static string? PathOf(string flag, string? path) => path is null || path.Trim().Length > 0
        ? path : throw new SettingException($"{flag} needs a path.");

    /// <summary>A whole number that was given to an option.</summary>
    /// <exception cref="SettingException">It is none, or out of range.</exception>
    public static int Count(string flag, string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= least && count <= most
            ? count
            : throw Refused(flag, text, string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"));

    /// <summary>The refusal of a value.</summary>
    public static SettingException Refused(string key, string text, string expected) =>
        new($"{key} cannot be '{text}'; it takes {expected}.");

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
