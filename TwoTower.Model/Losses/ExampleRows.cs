using System.Numerics.Tensors;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;

namespace TwoTower.Model.Losses;

/// <summary>The softmax of a row, one example after the other: for what the examples of a user cannot share.</summary>
/// <remarks>
/// Label smoothing ε, with N negatives counted as columns of the B × B form: loss = log D − (1 − ε) z_p − ε (Σ m z + z_p)/(N + 1), as
/// torch's cross_entropy has it. Hard negatives: of the negatives only the K distinct items with the highest logits stay, with their
/// multiplicities; of equal logits those that came first in the batch. With the positive taken as certain (Khrylchenko et al. 2025, section
/// 3.3), f the uncorrected logits and q'(j) = q(j)/(1 − q(p)) the distribution of negatives: loss = w (−f_p + log Σ m e^{f_j − λ log
/// q'(j)}), where w = 1 − P is a constant to the gradient and P = e^{f_p} / (e^{f_p} + (1/N) Σ m e^{f_j − λ log q'(j)}) the model's
/// probability of the positive; the gradient of −log P of the full softmax is (1 − P) times that of the log-odds, and the sum over its
/// negatives is what is sampled.
/// </remarks>
/// <param name="loss">Temperature and masks.</param>
/// <param name="columns">The batch's columns.</param>
/// <param name="capacity">Most columns.</param>
internal sealed class ExampleRows(LossOptions loss, SoftmaxColumns columns, int capacity) : ISoftmaxRows
{
    // Of the user: negatives' logits (−∞ where there is none) and how often each counts. Of the example: the same with
    // its own item gone, then the exponentials.
    private readonly float[] _userLogits = new float[capacity];
    private readonly float[] _userCounts = new float[capacity];
    private readonly float[] _logits = new float[capacity];
    private readonly float[] _counts = new float[capacity];
    private readonly float[] _gradient = new float[capacity];
    private readonly TopItems? _hardest = loss.HardNegatives > 0 ? new TopItems(Math.Min(loss.HardNegatives, capacity)) : null;
    private readonly int[] _kept = new int[Math.Min(loss.HardNegatives, capacity)];
    private readonly float[] _keptCounts = new float[Math.Min(loss.HardNegatives, capacity)];

    /// <summary>Whether a loss needs its examples one by one.</summary>
    public static bool AreNeeded(LossOptions loss) => loss.Kind == LossKind.SampledSoftmax || loss.LabelSmoothing > 0
        || loss.HardNegatives > 0 || loss.LogQPositive;

    /// <inheritdoc />
    public void Differentiate(BatchPlan plan, int user, ReadOnlySpan<int> examples, Span<float> row, ref SoftmaxSums sums)
    {
        var nI = row.Length;
        SoftmaxRow.ScaleAndShift(row, (float)(1.0 / columns.Temperature), columns.Shift);
        columns.Multiplicity.CopyTo(_userCounts);
        for (var column = 0; column < nI; column++)
        {
            _userLogits[column] = _userCounts[column] > 0 ? row[column] : float.NegativeInfinity;
        }

        if (loss.MaskKnownPositives)
        {
            sums.MaskedPairs += examples.Length * (long)(columns.MaskKnown(plan.QueryUsers[user], _userLogits, _userCounts) - columns.Own);
        }

        Array.Clear(_gradient, 0, nI);
        foreach (var example in examples)
        {
            _userLogits.AsSpan(0, nI).CopyTo(_logits);
            _userCounts.AsSpan(0, nI).CopyTo(_counts);
            TakeOwnItemOut(plan.ExampleItem[example], ref sums);
            if (_hardest is not null && loss.IsHardIn(plan.Epoch))
            {
                KeepHardest(row);
            }

            AddExample(plan, example, row, ref sums);
        }

        _gradient.AsSpan(0, nI).CopyTo(row);
    }

    /// <summary>The example's own item is among its negatives as often as it is a column besides, or not at all.</summary>
    private void TakeOwnItemOut(int item, ref SoftmaxSums sums)
    {
        if (loss.MaskKnownPositives)
        {
            return; // it is out already
        }

        var others = columns.Multiplicity[item] - columns.Own;
        var isMasked = loss.MaskDuplicates || loss.LogQPositive;
        _counts[item] = isMasked ? 0f : others;
        sums.MaskedPairs += isMasked ? (long)others : 0;
        if (_counts[item] <= 0)
        {
            _logits[item] = float.NegativeInfinity;
        }
    }

    private void KeepHardest(ReadOnlySpan<float> row)
    {
        var logits = _logits.AsSpan(0, row.Length);
        var kept = _kept.AsSpan(0, _hardest!.Find(logits, _kept));
        for (var n = 0; n < kept.Length; n++)
        {
            _keptCounts[n] = _counts[kept[n]];
        }

        logits.Fill(float.NegativeInfinity);
        Array.Clear(_counts, 0, row.Length);
        for (var n = 0; n < kept.Length; n++)
        {
            _counts[kept[n]] = _keptCounts[n];
            logits[kept[n]] = row[kept[n]];
        }
    }

    private void AddExample(BatchPlan plan, int example, ReadOnlySpan<float> row, ref SoftmaxSums sums)
    {
        var logits = _logits.AsSpan(0, row.Length);
        var counts = _counts.AsSpan(0, row.Length);
        var gradient = _gradient.AsSpan(0, row.Length);
        var negatives = TensorPrimitives.Sum<float>(counts);
        if (negatives <= 0)
        {
            return; // without a negative there is nothing to tell the positive from
        }

        var item = plan.ExampleItem[example];
        var weight = plan.Weights[example];
        var scale = (float)(weight / (plan.Examples * columns.Temperature));
        var own = row[item];
        if (loss.LogQPositive)
        {
            var logQ = columns.LogQ(plan, item);
            gradient[item] -= AddCertain(logits, counts, negatives, own, logQ, weight, scale, ref sums);
            return;
        }

        var largest = MathF.Max(TensorPrimitives.Max(logits), own);
        var positive = MathF.Exp(own - largest);
        var denominator = SoftmaxRow.Exponentiate(logits, largest, counts) + positive;
        var smoothing = (float)loss.LabelSmoothing;
        var share = smoothing / (negatives + 1f);
        sums.Loss += weight * (largest - ((1f - smoothing) * own) + Math.Log(denominator));
        TensorPrimitives.MultiplyAdd(logits, scale / denominator, gradient, gradient);
        gradient[item] += scale * ((positive / denominator) - (1f - smoothing) - share);
        if (smoothing > 0)
        {
            sums.Loss -= weight * share * (TensorPrimitives.Dot(counts, row) + own);
            TensorPrimitives.MultiplyAdd(counts, -scale * share, gradient, gradient);
        }
    }

    /// <summary>Loss and gradient with the positive taken as certain; returns what is to be taken off the positive's gradient.</summary>
    private float AddCertain(Span<float> logits, Span<float> counts, float negatives, float own, float logQ, float weight, float scale,
        ref SoftmaxSums sums)
    {
        var score = own + ((float)loss.LogQ * logQ); // f_p
        var rest = loss.LogQ * Math.Log(Math.Max(double.Epsilon, 1.0 - Math.Exp(logQ))); // of log q' but for log q
        var largest = TensorPrimitives.Max(logits);
        var sum = SoftmaxRow.Exponentiate(logits, largest, counts);
        var logSum = largest + Math.Log(sum) + rest;
        var uncertainty = (float)(1.0 / (1.0 + Math.Exp(score - logSum + Math.Log(negatives))));
        sums.Loss += weight * uncertainty * (logSum - score);
        TensorPrimitives.MultiplyAdd(logits, scale * uncertainty / sum, _gradient.AsSpan(0, logits.Length),
            _gradient.AsSpan(0, logits.Length));
        return scale * uncertainty;
    }
}
