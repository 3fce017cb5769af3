using TwoTower.Node.Settings;

namespace TwoTower.Node.Sweeps;

/// <summary>Names that stand for several settings at once, as the options <c>--network</c> and <c>--compute</c> do.</summary>
internal static class SettingGroup
{
    private static readonly (string Name, Action<ResolvedSettings, string> Set)[] s_groups = [("network", WorldSettings.SetNetwork),
        ("compute", WorldSettings.SetCompute)];

    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_groups.Select(group => group.Name)];

    /// <summary>Sets a setting by its key, or the settings of a group by its name.</summary>
    /// <exception cref="SettingException">There is none of the name, or it does not take the value.</exception>
    public static void Set(ResolvedSettings settings, string name, string value)
    {
        if (s_groups.FirstOrDefault(group => group.Name == name).Set is { } set)
        {
            set(settings, value);
        }
        else
        {
            settings.Set(name, value, "base");
        }
    }
}
