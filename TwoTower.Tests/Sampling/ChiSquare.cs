namespace TwoTower.Tests.Sampling;

/// <summary>Pearson's goodness of fit. Seeds are fixed, so a test that passes once always passes.</summary>
internal static class ChiSquare
{
    /// <summary>Fails when the counts would be rarer than about one in ten thousand under the distribution.</summary>
    /// <param name="counts">How often each outcome was drawn.</param>
    /// <param name="shares">What each outcome's share should be; an outcome with share 0 must not occur.</param>
    /// <param name="degreesOfFreedom">Outcomes that are free; by default the possible ones minus one.</param>
    public static void AssertFits(int[] counts, double[] shares, int? degreesOfFreedom = null)
    {
        var total = (double)counts.Sum();
        var statistic = 0.0;
        for (var outcome = 0; outcome < counts.Length; outcome++)
        {
            var expected = shares[outcome] * total;
            if (expected == 0)
            {
                Assert.True(counts[outcome] == 0, $"Outcome {outcome} is impossible and was drawn {counts[outcome]} times.");
                continue;
            }

            Assert.True(expected >= 5, $"Outcome {outcome} is expected {expected} times: too few draws for the test.");
            statistic += (counts[outcome] - expected) * (counts[outcome] - expected) / expected;
        }

        // The 0.9999 quantile by Wilson and Hilferty 1931: k (1 − 2/9k + z √(2/9k))³ with z = 3.719.
        var k = degreesOfFreedom ?? (shares.Count(share => share > 0) - 1);
        var limit = k * Math.Pow(1 - (2.0 / (9 * k)) + (3.719 * Math.Sqrt(2.0 / (9 * k))), 3);
        Assert.True(statistic < limit,
            $"chi-square {statistic:0.0} on {k} degrees of freedom, at most {limit:0.0}: drew {string.Join(' ', counts)}, "
            + $"expected {string.Join(' ', shares.Select(share => (share * total).ToString("0")))}");
    }
}
