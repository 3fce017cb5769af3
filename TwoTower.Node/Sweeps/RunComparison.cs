using TwoTower.Model.Evaluation;
using TwoTower.Node.Runs;

namespace TwoTower.Node.Sweeps;

/// <summary>A metric of two runs, and whether the difference is one.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="First">The first run's value; null when it has none.</param>
/// <param name="Second">The second run's.</param>
/// <param name="Difference">Second minus first with its interval over users; null when it is not known.</param>
internal sealed record MetricDifference(string Metric, double? First, double? Second, Interval? Difference);

/// <summary>Two runs side by side.</summary>
internal sealed record RunComparison
{
    /// <summary>Settings that only say which random draws were made.</summary>
    private static readonly string[] s_seeds = ["train.seed", "world.seed"];

    /// <summary>The first run.</summary>
    public required RunRecord First { get; init; }

    /// <summary>The second run.</summary>
    public required RunRecord Second { get; init; }

    /// <summary>Settings whose values differ, in the first run's order; null where a run does not have the setting.</summary>
    public required IReadOnlyList<(string Key, string? First, string? Second)> Settings { get; init; }

    /// <summary>The metrics.</summary>
    public required IReadOnlyList<MetricDifference> Metrics { get; init; }

    /// <summary>Why significance is not known; null when it is.</summary>
    public required string? Unknown { get; init; }

    /// <summary>Settings that differ besides seeds, the engine counted as one.</summary>
    public int Differing => Settings.Count(setting => !s_seeds.Contains(setting.Key, StringComparer.Ordinal));

    /// <summary>Whether the seeds differ.</summary>
    public bool SeedsDiffer => Settings.Any(setting => s_seeds.Contains(setting.Key, StringComparer.Ordinal));

    /// <summary>Compares two runs.</summary>
    public static RunComparison Of(RunRecord first, RunRecord second)
    {
        var (mine, theirs) = (PerUserMetricsFile.Read(first.Folder), PerUserMetricsFile.Read(second.Folder));
        var missing = new[] { (first, mine is null), (second, theirs is null) }.Where(run => run.Item2)
            .Select(run => run.Item1.Folder).ToArray();
        var unknown = missing.Length > 0 ? $"there is no {PerUserMetricsFile.Name} in {string.Join(" nor in ", missing)}"
            : first.Fingerprint != second.Fingerprint ? "the runs were made from different data"
            : !mine!.Value.Users.SequenceEqual(theirs!.Value.Users, StringComparer.Ordinal) ? "the runs were evaluated on different users"
            : null;
        return new RunComparison
        {
            First = first,
            Second = second,
            Settings = Differences(first, second),
            Unknown = unknown,
            Metrics =
            [
                .. first.Best.Keys.Concat(second.Best.Keys).Distinct(StringComparer.Ordinal).Select(metric => new MetricDifference(
                    metric, first.Best.TryGetValue(metric, out var a) ? a : null, second.Best.TryGetValue(metric, out var b) ? b : null,
                    unknown is null && mine!.Value.Metrics.TryGetValue(metric, out var left)
                        && theirs!.Value.Metrics.TryGetValue(metric, out var right) ? Bootstrap.Difference(right, left) : null)),
            ],
        };
    }

    private static IReadOnlyList<(string Key, string? First, string? Second)> Differences(RunRecord first, RunRecord second)
    {
        var found = new List<(string, string?, string?)>();
        if (first.Command != second.Command)
        {
            found.Add(("engine", first.Command, second.Command));
        }

        // Settings of a world that only one of them ran in follow from the engine and are no differences of their own.
        foreach (var key in first.Settings.Keys.Concat(second.Settings.Keys).Distinct(StringComparer.Ordinal))
        {
            var (a, b) = (first.Settings.GetValueOrDefault(key), second.Settings.GetValueOrDefault(key));
            if (a != b && (first.Command == second.Command || (a is not null && b is not null)))
            {
                found.Add((key, a, b));
            }
        }

        return found;
    }
}
