using TwoTower.Model.Sampling;

namespace TwoTower.Model.Diagnosis;

/// <summary>What a temperature lets unit vectors say.</summary>
/// <remarks>
/// Their scores lie in [−1, 1], so logits span 2/T and no more. A softmax that follows log p(i|u) needs room for the differences of log
/// popularity before there is any for taste; and no loss falls under its floor, where every positive is at 1 and every negative at −1 (the
/// bound of Wang et al. 2017, "NormFace", proposition 2, for two opposite directions).
/// </remarks>
internal static class ScoreRange
{
    /// <summary>Logits between the largest and the smallest score of unit vectors: 2/T.</summary>
    public static double Of(double temperature) => 2 / temperature;

    /// <summary>The least loss of a softmax: log(1 + N e^{−2/T}).</summary>
    /// <param name="negatives">N, the columns besides the positive.</param>
    /// <param name="temperature">T.</param>
    public static double SoftmaxFloor(double negatives, double temperature) => Math.Log(1 + (negatives * Math.Exp(-2 / temperature)));

    /// <summary>The least loss of BPR: log(1 + e^{−2/T}).</summary>
    public static double BprFloor(double temperature) => SoftmaxFloor(1, temperature);

    /// <summary>The highest temperature of a round number (1, 2 or 5 times a power of ten) at which logits span what is needed.</summary>
    public static double TemperatureFor(double needed)
    {
        var most = 2 / Math.Max(needed, 1e-6);
        var power = Math.Pow(10, Math.Floor(Math.Log10(most)));
        return Math.Round((most >= 5 * power ? 5 : most >= 2 * power ? 2 : 1) * power, 9);
    }

    /// <summary>What nine tenths of the items with train positives differ by in log popularity, from the 5th to the 95th of a hundred, less
    /// what a prior says already.</summary>
    /// <param name="set">Train positives.</param>
    /// <param name="prior">A fixed term of every logit, or null.</param>
    /// <returns>In logits; 0 when fewer than two items have positives.</returns>
    public static double PopularityRange(TrainingSet set, float[]? prior)
    {
        var logQ = ItemFrequencies.LogQ(set);
        var left = Enumerable.Range(0, set.Items).Where(item => set.ItemCounts[item] > 0).Select(item => logQ[item] - (prior?[item] ?? 0.0))
            .Order().ToArray();
        return left.Length < 2 ? 0 : left[(int)(0.95 * (left.Length - 1))] - left[(int)(0.05 * (left.Length - 1))];
    }
}
