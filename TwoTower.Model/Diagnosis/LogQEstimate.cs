using System.Numerics.Tensors;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Model.Diagnosis;

/// <summary>How much of the sampling's popularity finished scores make good, whatever the settings say.</summary>
/// <remarks>
/// Training with logits z = s/T − λ log q drives s/T to log p(i|u) − (1 − λ) log q(i) + c(u) (Yi et al. 2019, section 3; Menon et al. 2021,
/// section 3), so finished scores tell λ: it is the strength at which the train examples are most likely under these scores. With the
/// scores fixed the loss is convex in λ; its derivative Σ w (log q_p − E_λ log q), the expectation being over an example's columns, is 0
/// there. Scores that know nothing of popularity give 0, those that follow log p give 1, those that were pushed past it 2. A prior that is
/// part of the embeddings counts as what it is: part of the score.
/// </remarks>
/// <param name="Strength">λ, between −4 and 4.</param>
/// <param name="StandardError">Its standard error over examples.</param>
/// <param name="Slope">Least-squares slope of an item's mean score over all users, divided by the temperature, on log q, over the items
/// with train positives: a second, cruder view of the same.</param>
/// <param name="Correlation">Pearson's correlation of the two.</param>
/// <param name="Examples">Train examples that went in.</param>
internal sealed record LogQEstimate(double Strength, double StandardError, double Slope, double Correlation, int Examples)
{
    private const double Furthest = 4;

    /// <summary>Estimates λ.</summary>
    /// <param name="embeddings">What scores.</param>
    /// <param name="set">Train positives with the weights of training.</param>
    /// <param name="loss">The loss, for its temperature, columns and masks; its own λ is not looked at.</param>
    /// <param name="batchSize">Examples per batch.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="examples">About how many train examples are looked at.</param>
    /// <returns>The estimate, or null when the columns do not differ in q (BPR, a full softmax, uniform draws, constant
    /// popularity) or there are none.</returns>
    public static LogQEstimate? Of(TwoTowerEmbeddings embeddings, TrainingSet set, LossOptions loss, int batchSize, long seed,
        int examples = 4096)
    {
        if (loss.Kind is LossKind.Bpr or LossKind.FullSoftmax)
        {
            return null;
        }

        // Hard negatives and smoothing change which columns count by the scores themselves; what the scores
        // have become can be read off without them.
        var plain = loss with { HardNegatives = 0, LabelSmoothing = 0 };
        var rows = new List<Row>();
        new NegativeProbe(embeddings, set, plain, batchSize, seed, epoch: 0)
            .Visit(examples, (in ScoredExample example) => rows.Add(new Row(example)));
        var strength = 0.0;
        for (var iteration = 0; iteration < 50; iteration++)
        {
            var (gradient, curvature, _) = Derivatives(rows, strength);
            if (!(curvature > 1e-9 * rows.Count))
            {
                return null;
            }

            var next = Math.Clamp(strength - Math.Clamp(gradient / curvature, -1, 1), -Furthest, Furthest);
            if (Math.Abs(next - strength) < 1e-6)
            {
                break;
            }

            strength = next;
        }

        var (_, bend, squares) = Derivatives(rows, strength);
        var (slope, correlation) = Regress(embeddings, set, loss.Temperature);
        return new LogQEstimate(strength, Math.Sqrt(squares) / bend, slope, correlation, rows.Count);
    }

    /// <summary>The embeddings with what is missing to a strength of 1 added to every item's score, as one more column.</summary>
    /// <param name="embeddings">What scores.</param>
    /// <param name="set">Train positives.</param>
    /// <param name="temperature">The temperature that it was trained with.</param>
    public TwoTowerEmbeddings Corrected(TwoTowerEmbeddings embeddings, TrainingSet set, double temperature)
    {
        var (dim, logQ) = (embeddings.Dim, ItemFrequencies.LogQ(set));
        var users = new float[embeddings.UserCount * (dim + 1)];
        var items = new float[embeddings.ItemCount * (dim + 1)];
        for (var user = 0; user < embeddings.UserCount; user++)
        {
            embeddings.Users.AsSpan(user * dim, dim).CopyTo(users.AsSpan(user * (dim + 1)));
            users[(user * (dim + 1)) + dim] = 1f;
        }

        for (var item = 0; item < embeddings.ItemCount; item++)
        {
            embeddings.Items.AsSpan(item * dim, dim).CopyTo(items.AsSpan(item * (dim + 1)));
            items[(item * (dim + 1)) + dim] = (float)((1 - Strength) * temperature * logQ[item]);
        }

        return new TwoTowerEmbeddings(users, items, dim + 1);
    }

    /// <summary>Mean score of every item over all users, divided by the temperature.</summary>
    /// <param name="embeddings">What scores.</param>
    /// <param name="temperature">The temperature.</param>
    /// <returns>One value per item.</returns>
    public static double[] MeanLogits(TwoTowerEmbeddings embeddings, double temperature)
    {
        var mean = new float[embeddings.Dim];
        for (var user = 0; user < embeddings.UserCount; user++)
        {
            TensorPrimitives.Add(mean, embeddings.Users.AsSpan(user * embeddings.Dim, embeddings.Dim), mean);
        }

        TensorPrimitives.Multiply(mean, 1f / Math.Max(1, embeddings.UserCount), mean);
        return [.. Enumerable.Range(0, embeddings.ItemCount)
            .Select(item => TensorPrimitives.Dot<float>(mean, embeddings.Items.AsSpan(item * embeddings.Dim, embeddings.Dim))
            / temperature)];
    }

    private static (double Slope, double Correlation) Regress(TwoTowerEmbeddings embeddings, TrainingSet set, double temperature)
    {
        var (y, x) = (MeanLogits(embeddings, temperature), ItemFrequencies.LogQ(set));
        var seen = Enumerable.Range(0, set.Items).Where(item => set.ItemCounts[item] > 0).ToArray();
        var (meanX, meanY) = (seen.Average(item => x[item]), seen.Average(item => y[item]));
        var (xx, yy, xy) = (0.0, 0.0, 0.0);
        foreach (var item in seen)
        {
            xx += (x[item] - meanX) * (x[item] - meanX);
            yy += (y[item] - meanY) * (y[item] - meanY);
            xy += (x[item] - meanX) * (y[item] - meanY);
        }

        return (xx > 0 ? xy / xx : 0, xx > 0 && yy > 0 ? xy / Math.Sqrt(xx * yy) : 0);
    }

    /// <summary>First and second derivative of the loss by λ, and the sum of the squared first derivatives of single examples.</summary>
    private static (double Gradient, double Curvature, double Squares) Derivatives(List<Row> rows, double strength)
    {
        var (gradient, curvature, squares) = (0.0, 0.0, 0.0);
        foreach (var row in rows)
        {
            var (mean, variance) = row.Moments(strength);
            var own = row.Weight * (row.LogQ[0] - mean);
            gradient += own;
            curvature += row.Weight * variance;
            squares += own * own;
        }

        return (gradient, curvature, squares);
    }

    /// <summary>An example's columns, its positive first.</summary>
    private sealed class Row
    {
        public Row(in ScoredExample example)
        {
            Weight = example.Weight;
            Scores = [example.Score, .. example.NegativeScores];
            LogQ = [example.LogQ, .. example.NegativeLogQ];
            Counts = [1, .. example.NegativeCounts];
        }

        public float Weight { get; }

        public float[] LogQ { get; }

        private float[] Scores { get; }

        private float[] Counts { get; }

        /// <summary>Mean and variance of log q over the columns, weighed by their share of the softmax.</summary>
        public (double Mean, double Variance) Moments(double strength)
        {
            var largest = double.NegativeInfinity;
            for (var n = 0; n < Scores.Length; n++)
            {
                largest = Math.Max(largest, Scores[n] - (strength * LogQ[n]));
            }

            var (sum, first, second) = (0.0, 0.0, 0.0);
            for (var n = 0; n < Scores.Length; n++)
            {
                var share = Counts[n] * Math.Exp(Scores[n] - (strength * LogQ[n]) - largest);
                sum += share;
                first += share * LogQ[n];
                second += share * LogQ[n] * LogQ[n];
            }

            return (first / sum, Math.Max(0, (second / sum) - (first / sum * (first / sum))));
        }
    }
}
