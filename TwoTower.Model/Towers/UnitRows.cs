using System.Numerics.Tensors;
using TwoTower.Model.Options;

namespace TwoTower.Model.Towers;

/// <summary>L2 normalisation of rows, forward and backward, or the identity when the model does not normalise.</summary>
internal sealed class UnitRows(ModelOptions model, int capacity)
{
    private readonly float[] _inverseNorm = new float[capacity];

    /// <summary>û = u / max(‖u‖, 1e-12), as torch.nn.functional.normalize.</summary>
    /// <param name="raw">[rows, rawWidth]; what follows the vector (a bias) is left out.</param>
    /// <param name="rawWidth">Floats per raw row.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="unit">[rows, stride], overwritten.</param>
    /// <param name="stride">Floats per unit row, at least the model's dim.</param>
    public void Forward(ReadOnlySpan<float> raw, int rawWidth, int rows, Span<float> unit, int stride)
    {
        for (var row = 0; row < rows; row++)
        {
            var source = raw.Slice(row * rawWidth, model.Dim);
            _inverseNorm[row] = model.Normalise ? 1f / MathF.Max(TensorPrimitives.Norm(source), EmbeddingTower.MinimumNorm) : 1f;
            TensorPrimitives.Multiply(source, _inverseNorm[row], unit.Slice(row * stride, model.Dim));
        }
    }

    /// <summary>∂L/∂u = (ĝ − û (û·ĝ)) / ‖u‖ for ĝ = ∂L/∂û. The bias column is not touched.</summary>
    /// <param name="unit">What <see cref="Forward"/> wrote.</param>
    /// <param name="unitGradient">[rows, stride], ĝ.</param>
    /// <param name="stride">Floats per row of both.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="rawGradient">[rows, rawWidth], its vector part overwritten.</param>
    /// <param name="rawWidth">Floats per raw row.</param>
    public void Backward(ReadOnlySpan<float> unit, ReadOnlySpan<float> unitGradient, int stride, int rows, Span<float> rawGradient,
        int rawWidth)
    {
        for (var row = 0; row < rows; row++)
        {
            var u = unit.Slice(row * stride, model.Dim);
            var g = unitGradient.Slice(row * stride, model.Dim);
            var target = rawGradient.Slice(row * rawWidth, model.Dim);
            if (!model.Normalise)
            {
                g.CopyTo(target);
                continue;
            }

            var along = TensorPrimitives.Dot(u, g);
            TensorPrimitives.MultiplyAdd(u, -along, g, target);
            TensorPrimitives.Multiply(target, _inverseNorm[row], target);
        }
    }
}
