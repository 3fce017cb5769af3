using System.Numerics.Tensors;
using TwoTower.Model.Options;

namespace TwoTower.Model.Towers;

/// <summary>A history's vector from those of its items, forward and backward: their weighted mean, or what attention makes of
/// it. Not safe for several threads.</summary>
/// <remarks>With attention a, w the weights and m = Σ w_j e_j their mean, α_j ∝ w_j exp(a ⟨e_j, m⟩) take the place of w: items that are
/// like the whole count more (dot-product attention as in Vaswani et al. 2017, "Attention is all you need", section 3.2.1, of one head
/// whose query is the mean; the first step of the routing of Li et al. 2019, "Multi-interest network with
/// dynamic routing", section 4.4).</remarks>
/// <param name="model">The model.</param>
internal sealed class HistoryPooling(ModelOptions model)
{
    private readonly float _attention = (float)model.History.Attention;
    private readonly float[] _mean = new float[model.Dim];
    private readonly float[] _slope = new float[model.Dim];
    private readonly int _dim = model.Dim;

    /// <summary>Adds a history's vector to <paramref name="target"/>.</summary>
    /// <param name="table">Rows of items; their first dim floats count.</param>
    /// <param name="width">Floats of a row.</param>
    /// <param name="places">The history's items, as rows of the table.</param>
    /// <param name="weights">How much each counts, before attention.</param>
    /// <param name="shares">Overwritten: how much each counts.</param>
    /// <param name="target">[dim].</param>
    public void Add(ReadOnlySpan<float> table, int width, ReadOnlySpan<int> places, ReadOnlySpan<float> weights, Span<float> shares,
        Span<float> target)
    {
        weights.CopyTo(shares);
        if (_attention != 0 && places.Length > 0)
        {
            SetMean(table, width, places, weights);
            for (var n = 0; n < places.Length; n++)
            {
                shares[n] = _attention * TensorPrimitives.Dot<float>(table.Slice(places[n] * width, _dim), _mean);
            }

            TensorPrimitives.Subtract(shares, TensorPrimitives.Max<float>(shares), shares);
            TensorPrimitives.Exp(shares, shares);
            TensorPrimitives.Multiply(shares, weights, shares);
            TensorPrimitives.Divide(shares, TensorPrimitives.Sum<float>(shares), shares);
        }

        AddSum(table, width, places, shares, target);
    }

    /// <summary>Adds the gradient of a history's items to <paramref name="tableGradient"/>.</summary>
    /// <param name="table">What <see cref="Add"/> was given.</param>
    /// <param name="width">Floats of a row.</param>
    /// <param name="places">The history's items.</param>
    /// <param name="weights">What <see cref="Add"/> was given.</param>
    /// <param name="shares">What <see cref="Add"/> made of them.</param>
    /// <param name="gradient">Gradient of the history's vector, [dim].</param>
    /// <param name="tableGradient">In the shape of <paramref name="table"/>.</param>
    public void AddGradient(ReadOnlySpan<float> table, int width, ReadOnlySpan<int> places, ReadOnlySpan<float> weights,
        ReadOnlySpan<float> shares, ReadOnlySpan<float> gradient, Span<float> tableGradient)
    {
        for (var n = 0; n < places.Length; n++)
        {
            var target = tableGradient.Slice(places[n] * width, _dim);
            TensorPrimitives.MultiplyAdd(gradient, shares[n], target, target);
        }

        if (_attention == 0 || places.Length == 0)
        {
            return;
        }

        // ∂/∂s_j = α_j (g·e_j − Σ α g·e), and s_j = a e_j·m pulls at e_j and, by m, at all.
        SetMean(table, width, places, weights);
        Array.Clear(_slope);
        var along = 0f;
        for (var n = 0; n < places.Length; n++)
        {
            along += shares[n] * TensorPrimitives.Dot(gradient, table.Slice(places[n] * width, _dim));
        }

        for (var n = 0; n < places.Length; n++)
        {
            var row = table.Slice(places[n] * width, _dim);
            var slope = _attention * shares[n] * (TensorPrimitives.Dot(gradient, row) - along);
            var target = tableGradient.Slice(places[n] * width, _dim);
            TensorPrimitives.MultiplyAdd(_mean, slope, target, target);
            TensorPrimitives.MultiplyAdd(row, slope, _slope, _slope);
        }

        for (var n = 0; n < places.Length; n++)
        {
            var target = tableGradient.Slice(places[n] * width, _dim);
            TensorPrimitives.MultiplyAdd(_slope, weights[n], target, target);
        }
    }

    private void SetMean(ReadOnlySpan<float> table, int width, ReadOnlySpan<int> places, ReadOnlySpan<float> weights)
    {
        Array.Clear(_mean);
        AddSum(table, width, places, weights, _mean);
    }

    private void AddSum(ReadOnlySpan<float> table, int width, ReadOnlySpan<int> places, ReadOnlySpan<float> weights, Span<float> target)
    {
        for (var n = 0; n < places.Length; n++)
        {
            TensorPrimitives.MultiplyAdd(table.Slice(places[n] * width, _dim), weights[n], target, target);
        }
    }
}
