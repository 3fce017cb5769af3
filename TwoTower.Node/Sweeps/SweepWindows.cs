using TwoTower.Node.Runs;

namespace TwoTower.Node.Sweeps;

/// <summary>A run's values of one metric, user by user.</summary>
/// <param name="Users">The users' ids.</param>
/// <param name="Values">A value for each.</param>
internal sealed record UserValues(IReadOnlyList<string> Users, double[] Values)
{
    /// <summary>What a run's folder says of a metric; null when it says nothing.</summary>
    public static UserValues? Read(RunRecord run, string metric) =>
        PerUserMetricsFile.Read(run.Folder) is { } file && file.Metrics.TryGetValue(metric, out var values)
            ? new UserValues(file.Users, values) : null;
}

/// <summary>A point over rolling windows.</summary>
/// <param name="Point">The point.</param>
/// <param name="Label">Its name.</param>
/// <param name="Values">Its best value of the metric on every window, the last window last, means over
/// seeds; null where a seed has none.</param>
internal sealed record WindowedPoint(SweepPoint Point, string Label, IReadOnlyList<double?> Values)
{
    /// <summary>The mean over the windows that choose; null when one of them has no value.</summary>
    public double? Chosen => Values.SkipLast(1).All(value => value is not null) ? Values.SkipLast(1).Average() : null;

    /// <summary>The value on the last window, which has no part in choosing.</summary>
    public double? Last => Values[^1];
}

/// <summary>What rolling windows say of a sweep: which point is best on all but the last, whether it is so on each of them, and
/// whether that holds on the last.</summary>
internal sealed class SweepWindows
{
    private SweepWindows(string metric, IReadOnlyList<WindowedPoint> points) => (Metric, Points) = (metric, points);

    /// <summary>What points are judged by.</summary>
    public string Metric { get; }

    /// <summary>The points in the plan's order.</summary>
    public IReadOnlyList<WindowedPoint> Points { get; }

    /// <summary>How many windows there are, the last among them.</summary>
    public int Count => Points[0].Values.Count;

    /// <summary>The point with the highest mean over the windows that choose, the earlier of equals; null
    /// while none has all of its runs.</summary>
    public WindowedPoint? Best => Points.Where(point => point.Chosen is not null).MaxBy(point => point.Chosen);

    /// <summary>The best point against the base, or against the next best where the base is the best; null while
    /// either has not run on every window.</summary>
    public WindowChoice? Choice { get; private init; }

    /// <summary>Whether no two points change places between their means and the last window; null when
    /// fewer than two have both values.</summary>
    public bool? OrderHolds => Points.Where(point => point.Chosen is not null && point.Last is not null)
        .OrderByDescending(point => point.Chosen).ThenByDescending(point => point.Last).ToArray() is { Length: > 1 } both
        ? both.Zip(both.Skip(1)).All(pair => pair.First.Last >= pair.Second.Last)
        : null;

    /// <summary>A point's place by its mean over the windows that choose, from 1; null when it has none.
    /// Equals share the better place.</summary>
    public int? Rank(WindowedPoint point) => RankOf(point, other => other.Chosen);

    /// <summary>A point's place on the last window, from 1; null when it has none.</summary>
    public int? RankOnLast(WindowedPoint point) => RankOf(point, other => other.Last);

    /// <summary>A point's place on one window, numbered from 1; null when it has none.</summary>
    public int? RankOn(WindowedPoint point, int window) => RankOf(point, other => other.Values[window - 1]);

    /// <summary>On how many of the windows that choose a point is the best.</summary>
    public int BestOn(WindowedPoint point) => Enumerable.Range(1, Count - 1).Count(window => RankOn(point, window) == 1);

    /// <summary>Sums a sweep's windows up.</summary>
    /// <param name="results">The sweep.</param>
    /// <param name="perUser">A run's values by user, or null.</param>
    internal static SweepWindows Of(SweepResults results, Func<RunRecord, string, UserValues?> perUser)
    {
        var (plan, metric) = (results.Plan, results.Metric);
        var runs = results.Cells.Where(cell => cell.Run is not null).GroupBy(cell => plan.Label(cell.Cell.Point), StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);
        RunRecord[] RunsOn(WindowedPoint point, int window) =>
            [.. runs.GetValueOrDefault(point.Label, []).Where(cell => cell.Cell.Window == window).Select(cell => cell.Run!)];
        WindowedPoint Values(SweepPoint point)
        {
            var bare = new WindowedPoint(point, plan.Label(point), []);
            return bare with
            {
                Values = [.. Enumerable.Range(1, plan.Windows)
                .Select(window => MeanOf([.. RunsOn(bare, window).Select(run => run.BestOf(metric)).OfType<double>()],
                plan.Seeds.Count))]
            };
        }

        var windows = new SweepWindows(metric, [.. plan.Points.Select(Values)]);
        return windows.Best is { Last: not null } best && windows.Against(best) is { Last: not null } other
            ? new SweepWindows(metric, windows.Points) { Choice = Compare(best, other) }
            : windows;

        WindowChoice Compare(WindowedPoint one, WindowedPoint two)
        {
            var all = Enumerable.Range(1, plan.Windows).Select(window => Pairs(one, two, window)).ToArray();
            return all.All(window => window is not null)
                ? WindowChoice.Of(one.Label, Named(two), [.. all.Select(window => window!.Value.One)],
                    [.. all.Select(window => window!.Value.Other)])
                : WindowChoice.OfMeans(one.Label, Named(two),
                    [.. one.Values.Zip(two.Values, (mine, theirs) => mine!.Value - theirs!.Value)]);
        }

        // Users' means over seeds, when every run tells them, of the same users, and they are those of the value in the table: a run keeps
        // them at its best evaluation by evaluate.metric, which a target's metric may not share.
        (double[] One, double[] Other)? Pairs(WindowedPoint one, WindowedPoint two, int window)
        {
            var (mine, theirs) = (UserMeans(one, window), UserMeans(two, window));
            return mine is not null && theirs is not null && mine.Users.SequenceEqual(theirs.Users, StringComparer.Ordinal)
                ? (mine.Values, theirs.Values) : null;
        }

        UserValues? UserMeans(WindowedPoint point, int window)
        {
            var known = RunsOn(point, window).Select(run => perUser(run, metric)).ToArray();
            if (known.Length == 0 || known.Any(run => run is null || run.Values.Length == 0 || !run.Users.SequenceEqual(known[0]!.Users,
                StringComparer.Ordinal)))
            {
                return null;
            }

            double[] means = [.. Enumerable.Range(0, known[0]!.Values.Length).Select(user => known.Average(run => run!.Values[user]))];
            return Math.Abs(means.Average() - point.Values[window - 1]!.Value) < 1e-6 ? new UserValues(known[0]!.Users, means) : null;
        }
    }

    private static string Named(WindowedPoint point) => point.Label == "base" ? "the base" : point.Label;

    private static double? MeanOf(double[] values, int wanted) => values.Length == wanted ? values.Average() : null;

    private WindowedPoint? Against(WindowedPoint best) =>
        best != Points[0] ? (Points[0].Chosen is null ? null : Points[0]) : Points.Skip(1).Where(point => point.Chosen is not null)
            .MaxBy(point => point.Chosen);

    private int? RankOf(WindowedPoint point, Func<WindowedPoint, double?> value) => value(point) is { } own
        ? 1 + Points.Count(other => value(other) > own) : null;
}
