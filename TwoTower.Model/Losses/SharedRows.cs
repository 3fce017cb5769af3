using System.Numerics.Tensors;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;

namespace TwoTower.Model.Losses;

/// <summary>The plain softmax of a row, for all examples of its user together: they share all exponentials
/// but those of their own positives.</summary>
/// <param name="loss">Temperature and masks.</param>
/// <param name="columns">The batch's columns, every example's positive among them.</param>
/// <param name="maxBatch">Most examples.</param>
internal sealed class SharedRows(LossOptions loss, SoftmaxColumns columns, int maxBatch) : ISoftmaxRows
{
    private readonly float[] _positiveLogit = new float[maxBatch];

    /// <inheritdoc />
    public void Differentiate(BatchPlan plan, int user, ReadOnlySpan<int> examples, Span<float> row, ref SoftmaxSums sums)
    {
        var scale = (float)(1.0 / (plan.Examples * columns.Temperature));
        var largest = SoftmaxRow.ScaleAndShift(row, (float)(1.0 / columns.Temperature), columns.Shift);
        foreach (var example in examples)
        {
            _positiveLogit[example] = row[plan.ExampleItem[example]];
        }

        if (loss.MaskKnownPositives)
        {
            sums.MaskedPairs += examples.Length * (long)(columns.MaskKnown(plan.QueryUsers[user], row) - 1);
            largest = TensorPrimitives.Max(row);
            foreach (var example in examples)
            {
                largest = MathF.Max(largest, _positiveLogit[example]);
            }
        }

        var negatives = SoftmaxRow.Exponentiate(row, largest, columns.Multiplicity);
        var factor = 0f;
        foreach (var example in examples)
        {
            factor += plan.Weights[example] / Denominator(plan, example, negatives, largest, out _, out _);
        }

        TensorPrimitives.Multiply(row, factor * scale, row);
        foreach (var example in examples)
        {
            var weight = plan.Weights[example];
            var denominator = Denominator(plan, example, negatives, largest, out var positive, out var others);
            sums.Loss += weight * (largest - _positiveLogit[example] + Math.Log(denominator));
            row[plan.ExampleItem[example]] += scale * weight * (loss.MaskKnownPositives ? (positive / denominator) - 1f
                : loss.MaskDuplicates ? -(others * positive / denominator) - 1f
                : -1f);
            sums.MaskedPairs += !loss.MaskKnownPositives && loss.MaskDuplicates ? (long)others : 0;
        }
    }

    /// <summary>D of an example; <paramref name="positive"/> is its e^{z_p}, both relative to the row's largest logit,
    /// <paramref name="others"/> how often its item is a column besides.</summary>
    private float Denominator(BatchPlan plan, int example, float negatives, float largest, out float positive, out float others)
    {
        positive = MathF.Exp(_positiveLogit[example] - largest);
        others = columns.Multiplicity[plan.ExampleItem[example]] - 1f;
        if (loss.MaskKnownPositives)
        {
            return negatives + positive;
        }

        // The row's sum holds the positive once per occurrence; rounding must not push what remains under the positive itself.
        return loss.MaskDuplicates ? MathF.Max(positive, negatives - (others * positive)) : negatives;
    }
}
