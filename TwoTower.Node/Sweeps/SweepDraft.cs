using System.Globalization;
using TwoTower.Node.Recipes;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Sweeps;

/// <summary>What a person said about a sweep, on the command line or in a file; what is null was not said.</summary>
internal sealed record SweepDraft
{
    /// <summary>Seeds that one sweep may have.</summary>
    public const int MostSeeds = 1000;

    /// <summary>Runs that one sweep may have: more is a slip of the keyboard.</summary>
    public const int MostCells = 20_000;

    /// <summary>Recipe of the base.</summary>
    public string? Recipe { get; init; }

    /// <summary>Settings of the base, in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Settings { get; init; } = [];

    /// <summary>The axes; one named seed lists the seeds.</summary>
    public IReadOnlyList<GridAxis> Axes { get; init; } = [];

    /// <summary>Number of seeds, counted up from the base's.</summary>
    public int? SeedCount { get; init; }

    /// <summary>Rolling time windows.</summary>
    public int? Windows { get; init; }

    /// <summary>What runs a cell.</summary>
    public SweepEngine? Engine { get; init; }

    /// <summary>Which points are run.</summary>
    public SweepVary? Vary { get; init; }

    /// <summary>What a run has to reach.</summary>
    public SweepTarget? Target { get; init; }

    /// <summary>This draft over another one: what is said here counts, settings are added, axes of the same name are replaced in their
    /// place, on which the names of folders depend.</summary>
    public SweepDraft Over(SweepDraft other) => new()
    {
        Recipe = Recipe ?? other.Recipe,
        Settings = [.. other.Settings, .. Settings],
        Axes =
        [
            .. other.Axes.Where(axis => !(axis.IsSeed && SeedCount is not null))
                .Select(axis => Axes.FirstOrDefault(mine => mine.Key == axis.Key) ?? axis),
            .. Axes.Where(mine => other.Axes.All(axis => axis.Key != mine.Key)),
        ],
        SeedCount = SeedCount ?? (Axes.Any(axis => axis.IsSeed) ? null : other.SeedCount),
        Windows = Windows ?? other.Windows,
        Engine = Engine ?? other.Engine,
        Vary = Vary ?? other.Vary,
        Target = Target ?? other.Target,
    };

    /// <summary>This draft over settings that stand around the command: what is an axis here is not taken from there.</summary>
    public SweepDraft Under(IEnumerable<KeyValuePair<string, string>> settings) => this with
    {
        Settings = [.. settings.Where(setting => !Axes.Any(axis => axis.Key.Equals(setting.Key, StringComparison.OrdinalIgnoreCase))),
            .. Settings],
    };

    /// <summary>The plan.</summary>
    /// <exception cref="SettingException">It cannot be: no axis, an axis twice, a setting that is an axis as well, a value or
    /// combination that is impossible.</exception>
    public SweepPlan Plan()
    {
        var axes = Axes.Where(axis => !axis.IsSeed).ToArray();
        if (axes.Length == 0)
        {
            throw new SettingException("The grid is empty: give at least one axis, for example --grid staleness=0,4,16.");
        }

        foreach (var axis in Axes)
        {
            if (Axes.Count(other => other.Key == axis.Key) > 1)
            {
                throw new SettingException($"The axis '{axis.Name}' is given twice.");
            }

            if (!axis.IsSeed && Settings.Any(setting => setting.Key.Equals(axis.Key, StringComparison.OrdinalIgnoreCase)))
            {
                throw new SettingException(
                    $"{axis.Key} is an axis of the grid, whose first value is the base's; leave it out of the base's settings.");
            }
        }

        if (Windows > 1
            && (Axes.Any(axis => axis.Key == RollingWindows.Key)
            || Settings.Any(setting => setting.Key.Equals(RollingWindows.Key, StringComparison.OrdinalIgnoreCase))))
        {
            throw RollingWindows.WindowGiven();
        }

        var plan = new SweepPlan
        {
            Recipe = Recipe ?? "recommended",
            Settings = Settings,
            Axes = axes,
            Engine = Engine ?? SweepEngine.Simulate,
            Vary = Vary ?? SweepVary.One,
            Target = Target ?? SweepTarget.OfBase,
            Windows = Windows ?? 1,
        };
        plan = plan with { Seeds = SeedsOf(plan) };
        var cells = plan.PointCount * plan.Seeds.Count * plan.Windows;
        if (cells > MostCells)
        {
            throw new SettingException(
                $"That makes {cells.ToString("#,0", CultureInfo.InvariantCulture)} runs, more than {MostCells}; take fewer values, seeds "
                + $"or windows, or --vary one.");
        }

        foreach (var point in plan.Points)
        {
            var settings = plan.SettingsOf(point, plan.Seeds[0]);
            if (plan.Windows > 1)
            {
                RollingWindows.Check(settings);
            }
        }

        if (plan.Target.Metric is { } metric)
        {
            var options = plan.SettingsOf(plan.Base, plan.Seeds[0]).Values.Training;
            var metrics = options.Cutoffs.SelectMany(k => new[] { $"recall@{k}", $"ndcg@{k}", $"hitrate@{k}", $"mrr@{k}" }).ToArray();
            if (!metrics.Contains(metric, StringComparer.Ordinal))
            {
                throw new SettingException(
                    $"The target's metric cannot be '{metric}'; with these cut-offs it is one of {string.Join(", ", metrics)}.");
            }
        }

        return plan;
    }

    private IReadOnlyList<long> SeedsOf(SweepPlan plan)
    {
        if (Axes.FirstOrDefault(axis => axis.IsSeed) is { } listed)
        {
            return SeedCount is null
                ? [.. listed.Values.Select(value => long.Parse(value, CultureInfo.InvariantCulture))]
                : throw new SettingException("Give the number of seeds by --seeds or list them as the axis seed, not both.");
        }

        var count = SeedCount ?? 1;
        if (count is < 1 or > MostSeeds)
        {
            throw Setting.Refused("--seeds", count.ToString(CultureInfo.InvariantCulture), $"a whole number from 1 to {MostSeeds}");
        }

        var settings = RecipeReader.Read(plan.Recipe);
        foreach (var (key, value) in Settings)
        {
            SettingGroup.Set(settings, key, value);
        }

        var first = settings.Values.Training.Seed;
        return [.. Enumerable.Range(0, count).Select(n => first + n)];
    }
}
