using TwoTower.Model.Losses;
using TwoTower.Model.Sampling;

namespace TwoTower.Model.Towers;

/// <summary>What an item's score begins with before anything is learned: the logarithm of how popular it has been lately. It is a fixed term of every score, in training and in ranking, so
/// that the towers have only to learn in what a user differs from the crowd (the base rate of a log-linear model; Menon et al. 2021, "Long-tail learning via logit adjustment", section 3, use
/// it the other way round, to take the base rate out).</summary>
public static class ItemPrior
{
    private const double SecondsPerDay = 86_400;

    /// <summary>strength · log((c + s·C/n) / (C + s·C)) of every item, where c is the count of its train positives in the window, C = Σ c, n the number of items and s the smoothing: as if every
    /// item had an equal part of s times as many positives again. In units of a logit; a score, which is divided by the temperature, has temperature times as much.</summary>
    /// <returns>One value per item, or null when there is no prior.</returns>
    public static float[]? Logits(ModelOptions model, TrainingSet set)
    {
        if (model.PriorStrength == 0)
        {
            return null;
        }

        var counts = RecentCounts(set, model.PriorDays);
        var pseudo = model.PriorSmoothing * counts.Sum() / Math.Max(1, set.Items);
        var total = counts.Sum() + (pseudo * set.Items);
        return Array.ConvertAll(counts, count => (float)(model.PriorStrength * Math.Log((count + pseudo) / total)));
    }

    /// <summary>The prior in units of a score: <see cref="Logits"/> times the temperature.</summary>
    public static float[]? Scores(ModelOptions model, LossOptions loss, TrainingSet set) =>
        Scores(Logits(model, set), loss.Temperature);

    /// <summary>Logits in units of a score.</summary>
    /// <param name="logits">One per item, or null.</param>
    /// <param name="temperature">What scores are divided by.</param>
    public static float[]? Scores(float[]? logits, double temperature) => logits is null ? null : Array.ConvertAll(logits, logit => (float)(logit * temperature));

    /// <summary>Train positives of every item in the last so many days before the last train positive; of all times for 0 days.</summary>
    private static double[] RecentCounts(TrainingSet set, double days)
    {
        var times = set.Log.Timestamps;
        var from = days > 0 && times.Length > 0 ? times.Max() - (days * SecondsPerDay) : double.NegativeInfinity;
        var counts = new double[set.Items];
        for (var n = 0; n < times.Length; n++)
        {
            counts[set.Log.Items[n]] += times[n] >= from ? 1 : 0;
        }

        return counts;
    }
}
