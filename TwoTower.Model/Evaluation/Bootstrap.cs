namespace TwoTower.Model.Evaluation;

/// <summary>A value with its 95 % interval.</summary>
/// <param name="Value">The value.</param>
/// <param name="Low">2.5th percentile of the resamples; not a number where one value alone tells nothing of its spread.</param>
/// <param name="High">97.5th percentile of the resamples, or not a number.</param>
public readonly record struct Interval(double Value, double Low, double High)
{
    /// <summary>Whether 0 lies outside: only then may a difference be called one.</summary>
    public bool ExcludesZero => Low > 0 || High < 0;
}

/// <summary>The percentile bootstrap over users (Efron 1979): users are drawn with replacement, the mean is taken again.</summary>
/// <remarks>Values are sorted before any is drawn, so that an interval depends on what the values are and
/// not on how users are numbered.</remarks>
public static class Bootstrap
{
    /// <summary>Resamples that intervals are made from.</summary>
    public const int Draws = 10_000;

    /// <summary>The interval of a mean over users. One user has none: every resample would be the same.</summary>
    public static Interval Mean(double[] perUser, long seed = 1, int draws = Draws)
    {
        if (perUser.Length <= 1)
        {
            return perUser.Length == 0 ? new Interval(0, 0, 0) : new Interval(perUser[0], double.NaN, double.NaN);
        }

        var sorted = Sorted(perUser);
        var random = new SeededRandom(seed, 4242);
        var means = new double[draws];
        for (var draw = 0; draw < draws; draw++)
        {
            var sum = 0.0;
            for (var n = 0; n < perUser.Length; n++)
            {
                sum += sorted[random.NextInt(sorted.Length)];
            }

            means[draw] = sum / perUser.Length;
        }

        Array.Sort(means);
        return new Interval(ExactSum.MeanOf(perUser), means[(int)(0.025 * (draws - 1))], means[(int)Math.Ceiling(0.975 * (draws - 1))]);
    }

    /// <summary>The interval of the mean of several groups' means, each group counting alike: in every resample users are
    /// drawn anew inside their own group.</summary>
    /// <param name="groups">A value per user, group by group; none is empty.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <param name="draws">Resamples.</param>
    public static Interval MeanOfMeans(IReadOnlyList<double[]> groups, long seed = 1, int draws = 2_000)
    {
        double[][] sorted = [.. groups.Select(Sorted)];
        var random = new SeededRandom(seed, 4243);
        var means = new double[draws];
        for (var draw = 0; draw < draws; draw++)
        {
            var sum = 0.0;
            foreach (var group in sorted)
            {
                var inGroup = 0.0;
                for (var n = 0; n < group.Length; n++)
                {
                    inGroup += group[random.NextInt(group.Length)];
                }

                sum += inGroup / group.Length;
            }

            means[draw] = sum / groups.Count;
        }

        Array.Sort(means);
        return new Interval(groups.Average(group => ExactSum.MeanOf(group)), means[(int)(0.025 * (draws - 1))],
            means[(int)Math.Ceiling(0.975 * (draws - 1))]);
    }

    /// <summary>The interval of the mean difference a − b over the same users: what they have in common cancels.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static Interval Difference(double[] a, double[] b, long seed = 1, int draws = Draws)
    {
        if (a.Length != b.Length)
        {
            throw new ArgumentException("A paired comparison needs the same users on both sides.", nameof(b));
        }

        return Mean([.. a.Zip(b, (x, y) => x - y)], seed, draws);
    }

    private static double[] Sorted(double[] values)
    {
        double[] sorted = [.. values];
        Array.Sort(sorted);
        return sorted;
    }
}
