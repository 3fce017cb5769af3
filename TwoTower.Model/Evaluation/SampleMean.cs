namespace TwoTower.Model.Evaluation;

/// <summary>The mean of a few independent values, such as one per seed, with Student's 95 % interval (Student 1908).</summary>
/// <remarks>With the handful of seeds of a sweep a percentile bootstrap is too narrow (it cannot reach beyond the values it
/// has); t is exact for normal values.</remarks>
internal static class SampleMean
{
    /// <summary>97.5th percentile of Student's t for 1, 2, … 10 degrees of freedom (Fisher and Yates 1963, table III).</summary>
    private static readonly double[] s_quantiles = [12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004,
        2.262157, 2.228139];

    /// <summary>The mean and its interval: mean ± t · s / √n. One value has no interval: its bounds are not a number.</summary>
    /// <exception cref="ArgumentException">There is no value.</exception>
    public static Interval Of(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0)
        {
            throw new ArgumentException("The mean of no values is not defined.", nameof(values));
        }

        var mean = values.Average();
        if (values.Count == 1)
        {
            return new Interval(mean, double.NaN, double.NaN);
        }

        var half = Quantile(values.Count - 1) * Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1)
            / values.Count);
        return new Interval(mean, mean - half, mean + half);
    }

    /// <summary>The 97.5th percentile of Student's t: from a table up to 10 degrees of freedom, beyond by the expansion of Abramowitz and
    /// Stegun (1964), 26.7.5, which is then right to 1e-4.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no degree of freedom.</exception>
    public static double Quantile(int degrees)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(degrees, 1);
        if (degrees <= s_quantiles.Length)
        {
            return s_quantiles[degrees - 1];
        }

        const double z = 1.959963985;
        var (z3, z5, z7, z9) = (Math.Pow(z, 3), Math.Pow(z, 5), Math.Pow(z, 7), Math.Pow(z, 9));
        double n = degrees;
        return z + ((z3 + z) / (4 * n)) + (((5 * z5) + (16 * z3) + (3 * z)) / (96 * n * n))
            + (((3 * z7) + (19 * z5) + (17 * z3) - (15 * z)) / (384 * n * n * n))
            + (((79 * z9) + (776 * z7) + (1482 * z5) - (1920 * z3) - (945 * z)) / (92_160 * n * n * n * n));
    }
}
