using System.Numerics.Tensors;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Model.Losses;

/// <summary>Makes the kernel that the options name.</summary>
internal static class GradientKernel
{
    /// <summary>A kernel for one worker.</summary>
    /// <param name="model">Dims, normalisation, bias.</param>
    /// <param name="loss">Which loss.</param>
    /// <param name="set">Train positives: counts for log q, known positives for masks.</param>
    /// <param name="maxBatch">Largest batch in examples.</param>
    /// <param name="towers">What stands between rows and vectors; null where it is nothing but normalisation.</param>
    public static IGradientKernel Create(ModelOptions model, LossOptions loss, TrainingSet set, int maxBatch,
        TowerLayouts? towers = null) => loss.Kind switch
        {
            LossKind.Bpr => new BprKernel(model, loss, set, maxBatch, towers),
            LossKind.InBatchSoftmax or LossKind.SampledSoftmax or LossKind.FullSoftmax =>
                new InBatchSoftmaxKernel(model, loss, set, maxBatch, towers),
            _ => throw new ArgumentOutOfRangeException(nameof(loss), loss.Kind, "Unknown loss."),
        };
}

/// <summary>Clipping by global norm (Pascanu, Mikolov and Bengio 2013).</summary>
internal static class GradientClipping
{
    /// <summary>Scales both gradients down together when their common L2 norm is above <paramref name="maxNorm"/>.</summary>
    public static void Clip(Span<float> users, Span<float> items, double maxNorm)
    {
        var norm = Math.Sqrt((double)TensorPrimitives.SumOfSquares(users) + TensorPrimitives.SumOfSquares(items));
        if (norm > maxNorm)
        {
            var scale = (float)(maxNorm / norm);
            TensorPrimitives.Multiply(users, scale, users);
            TensorPrimitives.Multiply(items, scale, items);
        }
    }
}
