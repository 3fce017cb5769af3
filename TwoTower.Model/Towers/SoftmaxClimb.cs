using System.Numerics.Tensors;

namespace TwoTower.Model.Towers;

/// <summary>Climbs to the unit vector u under which liked items are likeliest: Σ w (v · u / T − log Σ exp(b + v · u / T)) + e · u.</summary>
/// <param name="embeddings">The items' vectors.</param>
/// <param name="dim">Their length.</param>
/// <param name="temperature">T.</param>
/// <param name="catalogue">The items that the liked ones are held against, with b of each.</param>
/// <param name="expected">e, where users are to be expected.</param>
internal sealed class SoftmaxClimb(TwoTowerEmbeddings embeddings, int dim, double temperature, (int[] Items, float[] Logits) catalogue, float[] expected)
{
    private readonly float _inverse = (float)(1 / temperature);

    /// <summary>Climbs.</summary>
    /// <param name="vector">The start, of length 1; the end.</param>
    /// <param name="items">Rows of the liked items.</param>
    /// <param name="weights">Their weights.</param>
    /// <param name="steps">Most steps.</param>
    public void From(Span<float> vector, ReadOnlySpan<int> items, ReadOnlySpan<float> weights, int steps)
    {
        var total = TensorPrimitives.Sum(weights);
        var pull = (float[])expected.Clone(); // the linear part of the objective: what does not depend on the rest of the catalogue
        for (var n = 0; n < items.Length; n++)
        {
            TensorPrimitives.MultiplyAdd(Item(items[n]), weights[n] * _inverse, pull, pull);
        }

        var (scores, along, chances) = (new float[catalogue.Items.Length], new float[catalogue.Items.Length], new float[catalogue.Items.Length]);
        var (gradient, next) = (new float[dim], new float[dim]);
        Score(vector, scores);
        var value = Value(vector, pull, scores, total, chances);
        var angle = 0.5;
        for (var step = 0; step < steps; step++)
        {
            // The gradient, less what would only change the length.
            TensorPrimitives.SoftMax(Logits(scores, chances), chances);
            pull.CopyTo(gradient, 0);
            for (var n = 0; n < chances.Length; n++)
            {
                if (chances[n] > 1e-8f)
                {
                    TensorPrimitives.MultiplyAdd(Item(catalogue.Items[n]), -total * _inverse * chances[n], gradient, gradient);
                }
            }

            TensorPrimitives.MultiplyAdd(vector, -TensorPrimitives.Dot<float>(vector, gradient), gradient, gradient);
            var slope = TensorPrimitives.Norm<float>(gradient);
            if (!(slope > 1e-5 * (1 + total)))
            {
                return;
            }

            TensorPrimitives.Multiply(gradient, 1 / slope, gradient);
            Score(gradient, along);
            var before = value;
            for (; angle > 1e-4; angle /= 2)
            {
                // Along a great circle the length stays 1, and scores are a mixture of two.
                var (cosine, sine) = ((float)Math.Cos(angle), (float)Math.Sin(angle));
                Mix(vector, cosine, gradient, sine, next);
                Mix(scores, cosine, along, sine, chances);
                var there = Value(next, pull, chances, total, chances);
                if (there > value)
                {
                    value = there;
                    next.CopyTo(vector);
                    break;
                }
            }

            if (!(value > before))
            {
                return;
            }

            Score(vector, scores);
            angle = Math.Min(0.5, angle * 2);
        }
    }

    private double Value(ReadOnlySpan<float> vector, float[] pull, float[] scores, float total, float[] scratch)
    {
        var logits = Logits(scores, scratch);
        var greatest = TensorPrimitives.Max<float>(logits);
        TensorPrimitives.Subtract(logits, greatest, scratch);
        TensorPrimitives.Exp<float>(scratch, scratch);
        return TensorPrimitives.Dot(vector, pull) - (total * (greatest + Math.Log(TensorPrimitives.Sum<float>(scratch))));
    }

    private ReadOnlySpan<float> Logits(float[] scores, float[] into)
    {
        TensorPrimitives.MultiplyAdd(scores, _inverse, catalogue.Logits, into);
        return into;
    }

    private static void Mix(ReadOnlySpan<float> one, float cosine, ReadOnlySpan<float> other, float sine, Span<float> into)
    {
        TensorPrimitives.Multiply(one, cosine, into);
        TensorPrimitives.MultiplyAdd(other, sine, into, into);
    }

    private void Score(ReadOnlySpan<float> vector, float[] into)
    {
        for (var n = 0; n < into.Length; n++)
        {
            into[n] = TensorPrimitives.Dot(vector, Item(catalogue.Items[n]));
        }
    }

    private ReadOnlySpan<float> Item(int item) => embeddings.Items.AsSpan(item * embeddings.Dim, dim);
}
