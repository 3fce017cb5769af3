using System.Globalization;
using TwoTower.Model.Data;

namespace TwoTower.Node.Settings;

/// <summary><c>--windows N</c>: the settings of N windows that roll forward.</summary>
internal static class RollingWindows
{
    /// <summary>The flag.</summary>
    public const string Flag = "--windows";

    /// <summary>The setting of one window.</summary>
    public const string Key = "data.window";

    /// <summary>The setting of where the first begins.</summary>
    public const string FromKey = "data.windowFrom";

    /// <summary>The setting of what they have in common.</summary>
    public const string SpacingKey = "data.windowBy";

    private const int Most = 1000;

    /// <summary>The number of windows that a flag says; 1 when it was not given.</summary>
    /// <exception cref="SettingException">It is no number from 2 to 1000.</exception>
    public static int Count(string? text) => text is null ? 1
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 2 and <= Most ? count
        : throw Setting.Refused(Flag, text, $"a whole number from 2 to {Most}");

    /// <summary>The settings of every window, the earliest first; the last ends where test begins.</summary>
    /// <exception cref="SettingException">The split is not by time, or test was asked for.</exception>
    public static IReadOnlyList<ResolvedSettings> Of(ResolvedSettings settings, int count)
    {
        Check(settings);
        return [.. Enumerable.Range(1, count).Select(number => settings.With(Key, Text(number, count), Flag))];
    }

    /// <summary>Refuses settings that cannot roll over windows, before anything is run.</summary>
    /// <exception cref="SettingException">The split is not by time, test was asked for, nothing is left to
    /// judge by, or a window was given.</exception>
    public static void Check(ResolvedSettings settings)
    {
        if (settings.Values.Judging.Final)
        {
            throw new SettingException(
                $"{Flag} is for choosing, on validation; --final is for one split when every choice has been made. Leave one of them out.");
        }

        if (settings.Values.Data.Split is { } split && !split.IsByTime())
        {
            throw new SettingException($"{Flag} needs a split by time, which {split.InWords()} is not.");
        }

        if (settings.Values.Data.Refit != Refit.No)
        {
            throw new SettingException($"{Flag} judges by validation, which data.refit trains on; leave one of them out.");
        }

        if (settings.IsGiven(Key))
        {
            throw WindowGiven();
        }
    }

    /// <summary>The value of <see cref="Key"/> for one window.</summary>
    public static string Text(int number, int count) => string.Create(CultureInfo.InvariantCulture, $"{number}/{count}");

    /// <summary>The refusal of a window beside <see cref="Flag"/>.</summary>
    internal static SettingException WindowGiven() => new($"{Flag} sets {Key} itself; leave it out.");

    /// <summary>The setting's text.</summary>
    internal static string Read(RunSettings settings) => settings.Data.Window is { } window ? Text(window.Number, window.Count) : "none";

    /// <summary>Changes the setting.</summary>
    internal static RunSettings Apply(RunSettings settings, string text)
    {
        if (text.Equals("none", StringComparison.OrdinalIgnoreCase))
        {
            return settings with { Data = settings.Data with { Window = null } };
        }

        var parts = text.Split('/');
        return parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && number >= 1 && number <= count
            && count <= Most
            ? settings with { Data = settings.Data with { Window = settings.Windows with { Number = number, Count = count } } }
            : throw Setting.Refused(Key, text, $"none, or K/N with K from 1 to N and N up to {Most}");
    }

    /// <summary>Changes how windows roll.</summary>
    internal static RunSettings With(RunSettings settings, TimeWindow windows) => settings with
    {
        Windows = windows,
        Data = settings.Data with
        { Window = settings.Data.Window is { } window ? windows with { Number = window.Number, Count = window.Count } : null },
    };
}
