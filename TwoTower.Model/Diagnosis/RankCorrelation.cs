namespace TwoTower.Model.Diagnosis;

/// <summary>Rank correlation (Spearman 1904).</summary>
internal static class RankCorrelation
{
    /// <summary>Spearman's ρ: Pearson's correlation of the ranks, equal values sharing the mean of their ranks.</summary>
    /// <param name="x">Values.</param>
    /// <param name="y">As many values.</param>
    /// <returns>In [−1, 1]; null when either side is constant (or has fewer than two values), since it has no ranks then.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double? Spearman(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length != y.Length)
        {
            throw new ArgumentException("A correlation needs as many values on both sides.", nameof(y));
        }

        var (a, b) = (Ranks(x), Ranks(y));
        var mean = (a.Length - 1) / 2.0;
        var (ab, aa, bb) = (0.0, 0.0, 0.0);
        for (var n = 0; n < a.Length; n++)
        {
            ab += (a[n] - mean) * (b[n] - mean);
            aa += (a[n] - mean) * (a[n] - mean);
            bb += (b[n] - mean) * (b[n] - mean);
        }

        return aa > 0 && bb > 0 ? ab / Math.Sqrt(aa * bb) : null;
    }

    /// <summary>Ranks from 0, the smallest first; equal values share the mean of their ranks.</summary>
    public static double[] Ranks(ReadOnlySpan<double> values)
    {
        var sorted = values.ToArray();
        var order = Enumerable.Range(0, sorted.Length).ToArray();
        Array.Sort(sorted, order);
        var ranks = new double[sorted.Length];
        for (var from = 0; from < sorted.Length;)
        {
            var to = from + 1;
            while (to < sorted.Length && sorted[to] == sorted[from])
            {
                to++;
            }

            for (var n = from; n < to; n++)
            {
                ranks[order[n]] = (from + to - 1) / 2.0;
            }

            from = to;
        }

        return ranks;
    }
}
