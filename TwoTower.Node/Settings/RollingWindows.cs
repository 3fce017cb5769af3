using System.Globalization;
using TwoTower.Model.Data;

namespace TwoTower.Node.Settings;

/// <summary><c>--windows N</c>: the settings of N rolling time windows.</summary>
public static class RollingWindows
{
    /// <summary>The flag.</summary>
    public const string Flag = "--windows";

    private const string Key = "data.windowsBack";

    /// <summary>The number of windows that a flag says; 1 when it was not given.</summary>
    /// <exception cref="SettingException">It is no number from 2 on.</exception>
    public static int Count(string? text) => text is null ? 1
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 2 and <= 1000 ? count
        : throw Setting.Refused(Flag, text, "a whole number from 2 on");

    /// <summary>The settings of every window, the earliest first; the last is the split's own validation.</summary>
    /// <exception cref="SettingException">So many do not fit, the split is not by time, or test was asked for.</exception>
    public static IReadOnlyList<ResolvedSettings> Of(ResolvedSettings settings, int count)
    {
        var data = settings.Values.Data;
        if (settings.Values.Judging.Final)
        {
            throw new SettingException($"{Flag} is for choosing, on validation; --final is for one split when every choice has been made. Leave one of them out.");
        }

        if (data.Split == SplitKind.LeaveLastOut)
        {
            throw new SettingException($"{Flag} needs a split by time; leave-last-out has none.");
        }

        if (settings.IsGiven(Key))
        {
            throw new SettingException($"{Flag} sets {Key} itself; leave it out.");
        }

        if (count > data.MostWindows)
        {
            throw new SettingException(FormattableString.Invariant(
                $"{Flag} {count} is too many: with data.trainShare {data.TrainShare} and data.validationShare {data.ValidationShare} {data.MostWindows} windows fit; a smaller validation share makes room for more."));
        }

        return [.. Enumerable.Range(0, count).Reverse().Select(back => settings.With(Key, back.ToString(CultureInfo.InvariantCulture), Flag))];
    }
}
