using TwoTower.Node.Reproductions.Windows;

namespace TwoTower.Node.Reproductions.Worlds;

/// <summary>The figures that the default world is held against, and how far a world is from them.</summary>
/// <param name="Shape">Figures of <see cref="TwoTower.Model.Data.Synthetic.DataShape"/> by name.</param>
/// <param name="Means">Mean masked metrics, by ranking and metric.</param>
internal sealed record WorldTargets(IReadOnlyDictionary<string, double> Shape,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Means)
{
    /// <summary>By how much the ratio of any two rankings may be another than on the real data.</summary>
    public const double Tolerance = 0.15;

    /// <summary>The metric whose ratios have to lie within <see cref="Tolerance"/>: the one that the
    /// recipe and the baselines choose by.</summary>
    public const string Deciding = "recall@50";

    // What a distance counts of each metric: recall@10 and NDCG@10 of 490 users are known to a fifth, so they count less.
    private static readonly (string Metric, double Weight)[] s_weights = [(Deciding, 1), ("recall@100", 0.5), ("recall@10", 0.15),
        ("ndcg@10", 0.1)];

    /// <summary>What the positives of MovieLens-1M look like under a global 80/10/10 split by time, and what rankings reach there: measured
    /// by <c>twotower reproduce world --full --data ml-1m-positives</c>.</summary>
    public static WorldTargets MovieLens1M { get; } = new(
        new Dictionary<string, double>(StringComparer.Ordinal)
        {
            ["items: share of the top 1 %"] = 0.1244,
            ["items: share of the top 10 %"] = 0.5421,
            ["items: share of the lower half"] = 0.0427,
            ["users: share of the top 10 %"] = 0.3559,
            ["users: median over mean"] = 0.6298,
            ["users: mean positives over catalogue"] = 0.0234,
            ["sessions: share in the first sitting"] = 0.7219,
            ["sessions: users of one sitting"] = 0.6383,
            ["return: judged over train users"] = 0.0907,
            ["return: judged over train positives"] = 0.0271,
            ["return: median history over mean"] = 1.2012,
            ["return: share on the top 1 %"] = 0.0709,
            ["return: share on the top 10 %"] = 0.4537,
            ["drift: last tenth and first half"] = 0.9824,
            ["drift: last two tenths"] = 0.9986,
            ["drift: judged and last tenth"] = 0.9639,
        },
        new Dictionary<string, IReadOnlyDictionary<string, double>>(StringComparer.Ordinal)
        {
            ["popularity"] = Row(0.0401, 0.1639, 0.2709, 0.1048),
            ["recentPopularity"] = Row(0.0389, 0.2058, 0.3192, 0.1015),
            ["itemKnn"] = Row(0.0507, 0.1628, 0.2614, 0.0911),
            ["ease"] = Row(0.0537, 0.1923, 0.3007, 0.1040),
            ["implicitAls"] = Row(0.0572, 0.1912, 0.2968, 0.1075),
            [MeasuredWorld.Model] = Row(0.0874, 0.2528, 0.3664, 0.1342),
        });

    /// <summary>The figures of data that was measured.</summary>
    public static WorldTargets Of(IReadOnlyList<MeasuredWorld> measured) => new(
        measured[0].Shape.Keys.ToDictionary(name => name, name => measured.Average(world => world.Shape[name]), StringComparer.Ordinal),
        MeasuredWorld.Compared.ToDictionary(ranking => ranking,
            ranking => (IReadOnlyDictionary<string, double>)WindowStudy.Metrics.ToDictionary(metric => metric,
            metric => measured.Average(world => world.Mean(ranking, metric)), StringComparer.Ordinal), StringComparer.Ordinal));

    /// <summary>The pair of rankings whose ratio is farthest from the target's, and by how much: 0.1 where one
    /// ratio is 10 % above the other.</summary>
    public (string One, string Other, double Off) Farthest(WorldTargets reached, string metric)
    {
        var logs = Logs(reached, metric);
        var (most, least) = (logs.MaxBy(pair => pair.Log), logs.MinBy(pair => pair.Log));
        return (most.Ranking, least.Ranking, Math.Exp(most.Log - least.Log) - 1);
    }

    /// <summary>How far a world is: the mean of squared logs of what it reaches over what it should, of the shape and, twice, of the ratios
    /// of rankings. 0 is the target; 0.01 is a tenth off.</summary>
    public double Distance(WorldTargets reached)
    {
        var shape = Shape.Average(figure => Squared(Math.Log(Math.Max(1e-6, reached.Shape[figure.Key]) / figure.Value)));
        var ratios = s_weights.Sum(part => part.Weight * Logs(reached, part.Metric).Average(pair => Squared(pair.Log)))
            / s_weights.Sum(part => part.Weight);
        return (shape + (2 * ratios)) / 3;
    }

    /// <summary>The part of <see cref="Distance"/> that needs no ranking.</summary>
    public double ShapeDistance(IReadOnlyDictionary<string, double> reached) =>
        Shape.Average(figure => Squared(Math.Log(Math.Max(1e-6, reached[figure.Key]) / figure.Value)));

    // What each ranking reaches over what it should, in logs around their mean: ratios of rankings to one another are their differences.
    private (string Ranking, double Log)[] Logs(WorldTargets reached, string metric)
    {
        (string Ranking, double Log)[] logs =
            [.. MeasuredWorld.Compared.Select(ranking =>
            (ranking, Math.Log(Math.Max(1e-6, reached.Means[ranking][metric]) / Means[ranking][metric])))];
        var mean = logs.Average(pair => pair.Log);
        return [.. logs.Select(pair => (pair.Ranking, pair.Log - mean))];
    }

    private static double Squared(double value) => value * value;

    private static Dictionary<string, double> Row(params double[] values) => WindowStudy.Metrics.Zip(values)
        .ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
}
