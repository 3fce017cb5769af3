using System.Globalization;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Sweeps;

/// <summary>One variable of a sweep: a setting under its key or a short name, and the values that it takes.
/// The first value is the base's.</summary>
/// <param name="Name">Short name or setting key.</param>
/// <param name="Values">Values as given, each once.</param>
internal sealed record GridAxis(string Name, IReadOnlyList<string> Values)
{
    private const string Staleness = "staleness";

    private static readonly (string Name, string Key)[] s_short =
    [
        ("workers", "train.workers"), ("shards", "train.shards"), ("partitioner", "train.partitioner"), ("loss", "loss.kind"),
        (Staleness, "train.consistency"), ("optimizer", "optimizer.kind"), ("seed", "train.seed"), ("batch", "train.batchSize"),
    ];

    /// <summary>Names besides the keys of settings.</summary>
    public static IReadOnlyList<string> ShortNames { get; } = [.. s_short.Select(axis => axis.Name), .. SettingGroup.Names];

    /// <summary>Whether it is the seed, whose values are repetitions of each setup and no variable.</summary>
    public bool IsSeed => Key == "train.seed";

    /// <summary>The setting that it changes; the name itself for a group of settings (<c>network</c>, <c>compute</c>).</summary>
    public string Key => s_short.FirstOrDefault(axis => axis.Name == Name).Key ?? Name;

    /// <summary>Reads <c>name=value,value…</c>; with a semicolon anywhere in the values, semicolons part them,
    /// so that a value can hold commas.</summary>
    /// <exception cref="SettingException">There is no such axis, or no value.</exception>
    public static GridAxis Parse(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        if (at <= 0)
        {
            throw new SettingException($"--grid takes axis=value,value…, not '{text}'.");
        }

        return Of(text[..at].Trim(), text[(at + 1)..].Split(text.Contains(';', StringComparison.Ordinal) ? ';' : ','));
    }

    /// <summary>An axis by name.</summary>
    /// <exception cref="SettingException">There is no such axis, no value, or a value that the setting does not take.</exception>
    public static GridAxis Of(string name, IEnumerable<string> values)
    {
        var known = ShortNames.Concat(SettingCatalogue.All.Select(setting => setting.Key)).ToArray();
        var found = known.FirstOrDefault(candidate => candidate.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new SettingException(
                $"There is no axis '{name}'; did you mean '{NearNames.Nearest(name, known)}'? Any key of 'twotower settings' is one, and "
                + $"so are {string.Join(", ", ShortNames)}.");
        string[] given = [.. values.Select(value => value.Trim()).Where(value => value.Length > 0)
            .Distinct(StringComparer.OrdinalIgnoreCase)];
        if (given.Length == 0)
        {
            throw new SettingException($"The axis '{found}' has no values; give them as {found}=value,value….");
        }

        var axis = new GridAxis(found, given);
        foreach (var value in given)
        {
            axis.Apply(new ResolvedSettings("grid"), value);
        }

        return axis;
    }

    /// <summary>Gives settings the value of this axis.</summary>
    /// <exception cref="SettingException">The setting does not take it.</exception>
    public void Apply(ResolvedSettings settings, string value) =>
        SettingGroup.Set(settings, Key, Name == Staleness ? ConsistencyOf(value) : value);

    /// <summary>0 is bsp, a number S is ssp:S, and asp has no bound.</summary>
    private static string ConsistencyOf(string value) => value.Equals("asp", StringComparison.OrdinalIgnoreCase)
        ? "asp"
        : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var bound)
            ? bound == 0 ? "bsp" : $"ssp:{bound}"
            : throw Setting.Refused(Staleness, value, "0 (bsp), a number S of clocks (ssp:S), or asp");
}
