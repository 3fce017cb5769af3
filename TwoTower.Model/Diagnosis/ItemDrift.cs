using TwoTower.Model.Data;

namespace TwoTower.Model.Diagnosis;

/// <summary>How far the items of the validation time are from those of train, as Jensen–Shannon divergences (Lin 1991) in bits: 0 for the
/// same distribution, 1 for two without a common item.</summary>
/// <remarks>Two samples of one distribution have a divergence above 0, which falls with their size. So <paramref name="AllToValidation"/>
/// and <paramref name="RecentToValidation"/> are both measured from samples of equal size: as many train positives as the recent part has,
/// once from all of train, evenly spaced in time, and once the latest.</remarks>
/// <param name="AllToValidation">Between all of train and validation.</param>
/// <param name="RecentToValidation">Between the latest part of train and validation.</param>
/// <param name="RecentDays">Days that the latest part spans.</param>
internal sealed record ItemDrift(double AllToValidation, double RecentToValidation, double RecentDays)
{
    /// <summary>Measures a data set.</summary>
    /// <param name="data">The data.</param>
    /// <param name="recentShare">Share of the train positives that is the latest part.</param>
    /// <returns>Null when a part is empty.</returns>
    public static ItemDrift? Of(RecommenderData data, double recentShare = 0.1)
    {
        var recent = (int)(data.Train.Count * recentShare);
        if (recent == 0 || data.Validation.Count == 0)
        {
            return null;
        }

        var validation = Counts(data.Items.Count, data.Validation.Items);
        var from = data.Train.Count - recent;
        var spaced = Enumerable.Range(0, recent).Select(n => data.Train.Items[(int)((long)n * data.Train.Count / recent)]);
        return new ItemDrift(
            Divergence(Counts(data.Items.Count, spaced), validation),
            Divergence(Counts(data.Items.Count, data.Train.Items.Skip(from)), validation),
            (data.Train.Timestamps[^1] - data.Train.Timestamps[from]) / 86_400.0);
    }

    /// <summary>The Jensen–Shannon divergence of two distributions given by counts: H((p+q)/2) − (H(p)+H(q))/2 in bits.</summary>
    /// <param name="p">Counts, not all 0.</param>
    /// <param name="q">As many counts, not all 0.</param>
    public static double Divergence(IReadOnlyList<double> p, IReadOnlyList<double> q)
    {
        var (allP, allQ) = (p.Sum(), q.Sum());
        var sum = 0.0;
        for (var n = 0; n < p.Count; n++)
        {
            var (a, b) = (p[n] / allP, q[n] / allQ);
            var middle = (a + b) / 2;
            sum += (a > 0 ? a * Math.Log2(a / middle) : 0) + (b > 0 ? b * Math.Log2(b / middle) : 0);
        }

        return sum / 2;
    }

    private static double[] Counts(int length, IEnumerable<int> items)
    {
        var counts = new double[length];
        foreach (var item in items)
        {
            counts[item]++;
        }

        return counts;
    }
}
