using System.Numerics.Tensors;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;

namespace TwoTower.Model.Losses;

/// <summary>An L2 penalty of an example's own items, positives and negatives apart: ½ λ₊ ‖h_p‖² + ½ λ₋ times the mean of ‖h_n‖² over its
/// negatives, on raw rows, bias included (Rendle et al. 2009, section 4.3: λ_H⁺ and λ_H⁻; λ_W is <c>optimizer.userDecay</c>).</summary>
/// <remarks>It is a part of the loss, weighed as its example is, so workers add up as they do without it. The decay of tables is another
/// thing: it belongs to a step of a row, however many examples the row is in.</remarks>
internal sealed class ExampleDecay
{
    private readonly LossOptions _loss;
    private readonly double[] _penalty;

    private ExampleDecay(LossOptions loss, int items) => (_loss, _penalty) = (loss, new double[items]);

    /// <summary>The penalty of a loss, or null when it has none.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="items">Most distinct items of a batch.</param>
    public static ExampleDecay? For(LossOptions loss, int items) => loss.PositiveDecay > 0 || loss.NegativeDecay > 0
        ? new ExampleDecay(loss, items) : null;

    /// <summary>Begins a batch.</summary>
    public void Begin(BatchPlan plan) => Array.Clear(_penalty, 0, plan.ItemCount);

    /// <summary>An item is the positive of an example.</summary>
    public void AddPositive(int item, double weight) => _penalty[item] += _loss.PositiveDecay * weight;

    /// <summary>An item is a negative.</summary>
    /// <param name="item">Position in the batch's items.</param>
    /// <param name="weight">The example's weight over the number of its negatives, or a sum of such.</param>
    public void AddNegative(int item, double weight) => _penalty[item] += _loss.NegativeDecay * weight;

    /// <summary>Counts the batch's positives and its draws, which every example has as negatives, masked or not.</summary>
    public void AddShared(BatchPlan plan)
    {
        var total = 0.0;
        for (var example = 0; example < plan.Examples; example++)
        {
            AddPositive(plan.ExampleItem[example], plan.Weights[example]);
            total += plan.Weights[example];
        }

        for (var item = 0; item < plan.ItemCount; item++)
        {
            AddNegative(item, total * plan.ItemDraws[item] / _loss.Negatives);
        }
    }

    /// <summary>Adds the penalty's gradient to that of the rows; returns Σ weight × penalty.</summary>
    /// <param name="plan">The batch.</param>
    /// <param name="items">Raw item rows.</param>
    /// <param name="width">Floats of a row.</param>
    /// <param name="gradient">In the shape of <paramref name="items"/>.</param>
    public double Apply(BatchPlan plan, ReadOnlySpan<float> items, int width, Span<float> gradient)
    {
        var sum = 0.0;
        for (var item = 0; item < plan.ItemCount; item++)
        {
            if (_penalty[item] > 0)
            {
                var row = items.Slice(item * width, width);
                var target = gradient.Slice(item * width, width);
                sum += 0.5 * _penalty[item] * TensorPrimitives.SumOfSquares(row);
                TensorPrimitives.MultiplyAdd(row, (float)(_penalty[item] / plan.Examples), target, target);
            }
        }

        return sum;
    }
}
