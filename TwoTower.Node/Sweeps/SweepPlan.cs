using TwoTower.Node.Recipes;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Sweeps;

/// <summary>What runs a cell.</summary>
internal enum SweepEngine
{
    /// <summary><c>twotower simulate</c>: virtual time.</summary>
    Simulate,

    /// <summary><c>twotower train</c>: this machine's time.</summary>
    Train,
}

/// <summary>Which points of a grid are run.</summary>
internal enum SweepVary
{
    /// <summary>Each axis alone from the base, which takes the first value of every axis.</summary>
    One,

    /// <summary>The full product.</summary>
    All,
}

/// <summary>A point of the grid: one value of every axis.</summary>
/// <param name="Values">A value per axis, in the plan's order.</param>
internal sealed record SweepPoint(IReadOnlyList<string> Values)
{
    /// <summary>Axes on which two points differ.</summary>
    public int DistanceTo(SweepPoint other) => Values.Zip(other.Values).Count(pair => pair.First != pair.Second);
}

/// <summary>One run of a sweep: a point, a seed and, where a sweep has them, a window.</summary>
/// <param name="Name">Name of its folder.</param>
/// <param name="Point">The point.</param>
/// <param name="Seed">Seed of training and, in a simulation, of its world.</param>
/// <param name="Window">The rolling window that it is trained before and judged on, from 1; null is the split's own validation.</param>
internal sealed record SweepCell(string Name, SweepPoint Point, long Seed, int? Window = null);

/// <summary>A sweep: a base, axes, seeds, windows. Pure; it lists the cells.</summary>
internal sealed record SweepPlan
{
    /// <summary>Recipe that the base begins with.</summary>
    public required string Recipe { get; init; }

    /// <summary>Settings over the recipe, in order; a group (network, compute) goes by its name.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Settings { get; init; }

    /// <summary>The axes.</summary>
    public required IReadOnlyList<GridAxis> Axes { get; init; }

    /// <summary>The seeds, each a repetition of every point.</summary>
    public IReadOnlyList<long> Seeds { get; init; } = [1];

    /// <summary>What runs a cell.</summary>
    public SweepEngine Engine { get; init; } = SweepEngine.Simulate;

    /// <summary>Which points are run.</summary>
    public SweepVary Vary { get; init; } = SweepVary.One;

    /// <summary>What a run has to reach.</summary>
    public SweepTarget Target { get; init; } = SweepTarget.OfBase;

    /// <summary>Rolling time windows: means are over all but the last, which is told apart; 1 is the split's own validation.</summary>
    public int Windows { get; init; } = 1;

    /// <summary>The base: the first value of every axis.</summary>
    public SweepPoint Base => new([.. Axes.Select(axis => axis.Values[0])]);

    /// <summary>How many points there are.</summary>
    public long PointCount => Vary == SweepVary.One ? 1 + Axes.Sum(axis => axis.Values.Count - 1L)
        : Axes.Aggregate(1L, (count, axis) => Math.Min(int.MaxValue, count * axis.Values.Count));

    /// <summary>The points, the base first, then in the order of axes and values.</summary>
    public IReadOnlyList<SweepPoint> Points
    {
        get
        {
            if (Vary == SweepVary.One)
            {
                var origin = Base.Values;
                return [Base,
                    .. Axes.SelectMany((axis, at) => axis.Values.Skip(1)
                    .Select(value => new SweepPoint([.. origin.Select((other, n) => n == at ? value : other)])))];
            }

            IEnumerable<string[]> product = [[]];
            foreach (var axis in Axes)
            {
                product = [.. product.SelectMany(point => axis.Values.Select(value => (string[])[.. point, value]))];
            }

            return [.. product.Select(values => new SweepPoint(values))];
        }
    }

    /// <summary>The cells: every point with every seed in every window.</summary>
    public IReadOnlyList<SweepCell> Cells =>
        [.. Points.SelectMany(point =>
        Seeds.SelectMany(seed => AllWindows.Select(window => new SweepCell(NameOf(point, seed, window), point, seed, window))))];

    /// <summary>Runs that a point's means are made of: its seeds, in each window that chooses.</summary>
    public int RunsPerPoint => Seeds.Count * Math.Max(1, Windows - 1);

    private IReadOnlyList<int?> AllWindows => Windows == 1 ? [null] : [.. Enumerable.Range(1, Windows)];

    /// <summary>Whether a cell's window is the last of several: it has no part in any mean.</summary>
    public bool IsLast(SweepCell cell) => Windows > 1 && cell.Window == Windows;

    /// <summary>What a point is called: the axes on which it is not the base, or <c>base</c>.</summary>
    public string Label(SweepPoint point)
    {
        var origin = Base;
        var parts = Axes.Select((axis, n) => (axis.Name, Value: point.Values[n], Origin: origin.Values[n]))
            .Where(part => part.Value != part.Origin).Select(part => $"{part.Name}={part.Value}").ToArray();
        return parts.Length == 0 ? "base" : string.Join(' ', parts);
    }

    /// <summary>What a cell is called: its point, seed and window.</summary>
    public string Label(SweepCell cell) =>
        $"{Label(cell.Point)}, seed {cell.Seed}{(cell.Window is { } window ? $", window {window}" : string.Empty)}";

    /// <summary>The settings of a cell.</summary>
    /// <exception cref="SettingException">A setting does not exist, does not take its value, or cannot roll over windows.</exception>
    public ResolvedSettings SettingsOf(SweepCell cell)
    {
        var settings = SettingsOf(cell.Point, cell.Seed);
        if (cell.Window is { } window)
        {
            RollingWindows.Check(settings);
            settings.Set(RollingWindows.Key, RollingWindows.Text(window, Windows), RollingWindows.Flag);
        }

        return settings;
    }

    /// <summary>The settings of a point and a seed, before any window.</summary>
    /// <exception cref="SettingException">A setting does not exist or does not take its value.</exception>
    public ResolvedSettings SettingsOf(SweepPoint point, long seed)
    {
        var settings = RecipeReader.Read(Recipe);
        foreach (var (key, value) in Settings)
        {
            SettingGroup.Set(settings, key, value);
        }

        for (var n = 0; n < Axes.Count; n++)
        {
            Axes[n].Apply(settings, point.Values[n]);
        }

        foreach (var key in SeedKeys)
        {
            settings.Set(key, seed.ToString(System.Globalization.CultureInfo.InvariantCulture), "--seeds");
        }

        return settings;
    }

    /// <summary>The settings that a seed sets.</summary>
    internal IReadOnlyList<string> SeedKeys => Engine == SweepEngine.Simulate ? ["train.seed", "world.seed"] : ["train.seed"];

    private string NameOf(SweepPoint point, long seed, int? window)
    {
        var origin = Base;
        var parts = Axes.Select((axis, n) => (Axis: axis, Value: point.Values[n], Origin: origin.Values[n]))
            .Where(part => part.Value != part.Origin).Select(part => $"{part.Axis.Name}-{FolderNameOf(part.Axis, part.Value)}").ToArray();
        return $"{(parts.Length == 0 ? "base" : string.Join('_', parts))}_seed-{seed}{(window is null ? string.Empty : $"_window-{window}")}";
    }

    // Good for a folder on any system; values that look alike then, or are long, go by their place on the axis.
    private static string FolderNameOf(GridAxis axis, string value)
    {
        static string Plain(string text) =>
            string.Concat(text.Select(sign => char.IsAsciiLetterOrDigit(sign) || sign is '.' ? char.ToLowerInvariant(sign) : '-'));
        var plain = Plain(value);
        return plain.Length <= 24 && axis.Values.Count(other => Plain(other) == plain) == 1
            ? plain : $"value{axis.Values.ToList().IndexOf(value)}";
    }
}
