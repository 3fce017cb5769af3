using System.Numerics.Tensors;
using TwoTower.Model.Towers;

namespace TwoTower.Model.NewUsers;

/// <summary>Climbs to the vector that a <see cref="FoldInProblem"/> asks for.</summary>
/// <param name="embeddings">The items' vectors.</param>
/// <param name="dim">Their length.</param>
/// <param name="problem">The problem.</param>
internal sealed class SoftmaxClimb(TwoTowerEmbeddings embeddings, int dim, FoldInProblem problem)
{
    private readonly float _inverse = (float)(1 / problem.Temperature);

    /// <summary>Climbs.</summary>
    /// <param name="vector">The start, of length 1; the end.</param>
    /// <param name="items">Rows of the liked items.</param>
    /// <param name="weights">Their weights.</param>
    public void From(Span<float> vector, ReadOnlySpan<int> items, ReadOnlySpan<float> weights)
    {
        var total = TensorPrimitives.Sum(weights);
        var pull = (float[])problem.Expected.Clone(); // the linear part of the objective: what does not depend on the rest of the catalogue
        for (var n = 0; n < items.Length; n++)
        {
            TensorPrimitives.MultiplyAdd(Item(items[n]), weights[n] * _inverse, pull, pull);
        }

        var (scores, along, chances) = (new float[problem.Items.Length], new float[problem.Items.Length], new float[problem.Items.Length]);
        var (gradient, next) = (new float[dim], new float[dim]);
        Score(vector, scores);
        var value = Value(vector, pull, scores, total, chances);
        var first = 0;
        for (var step = 0; step < FoldInProblem.MostSteps; step++)
        {
            // The gradient, less what would only change the length.
            TensorPrimitives.SoftMax(Logits(scores, chances), chances);
            pull.CopyTo(gradient, 0);
            for (var n = 0; n < chances.Length; n++)
            {
                if (chances[n] > 1e-8f)
                {
                    TensorPrimitives.MultiplyAdd(Item(problem.Items[n]), -total * _inverse * chances[n], gradient, gradient);
                }
            }

            // Twice: near the end the gradient is nearly all length, and what rounding leaves of it the first time would be a good part of
            // the direction. Then the vector would grow or shrink with every step.
            LeaveTangent(vector, gradient);
            LeaveTangent(vector, gradient);
            var slope = TensorPrimitives.Norm<float>(gradient);
            if (!(slope > FoldInProblem.LeastSlope * (1 + total)))
            {
                return;
            }

            TensorPrimitives.Multiply(gradient, 1 / slope, gradient);
            Score(gradient, along);
            var before = value;
            for (var n = first; n < FoldInProblem.Angles.Count; n++)
            {
                // Along a great circle the length stays 1, and scores are a mixture of two.
                var (cosine, sine) = ((float)Math.Cos(FoldInProblem.Angles[n]), (float)Math.Sin(FoldInProblem.Angles[n]));
                Mix(vector, cosine, gradient, sine, next);
                Mix(scores, cosine, along, sine, chances);
                var there = Value(next, pull, chances, total, chances);
                if (there > value)
                {
                    value = there;
                    next.CopyTo(vector);
                    first = Math.Max(0, n - 1);
                    break;
                }
            }

            if (!(value > before))
            {
                return;
            }

            Score(vector, scores);
        }
    }

    private static void LeaveTangent(ReadOnlySpan<float> vector, float[] gradient) =>
        TensorPrimitives.MultiplyAdd(vector, -TensorPrimitives.Dot(vector, gradient), gradient, gradient);

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
        TensorPrimitives.MultiplyAdd(scores, _inverse, problem.Logits, into);
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
            into[n] = TensorPrimitives.Dot(vector, Item(problem.Items[n]));
        }
    }

    private ReadOnlySpan<float> Item(int item) => embeddings.Items.AsSpan(item * embeddings.Dim, dim);
}
