using System.Numerics.Tensors;

namespace TwoTower.Model.Optimizers;

internal abstract partial class RowOptimizer
{
    /// <summary>θ ← θ min(1, c/‖θ‖) after the step of another rule. The rule's own state is left as it is.</summary>
    private sealed class Projected(RowOptimizer rule, double maxNorm, int dim) : RowOptimizer
    {
        public override int Slots => rule.Slots;

        public override int SlotWidth(int width) => rule.SlotWidth(width);

        public override void Step(Span<float> row, ReadOnlySpan<float> gradient, Span<float> slot0, Span<float> slot1, int rowStep,
            float learningRate)
        {
            rule.Step(row, gradient, slot0, slot1, rowStep, learningRate);
            var vector = row[..dim];
            var norm = TensorPrimitives.Norm<float>(vector);
            if (norm > maxNorm)
            {
                TensorPrimitives.Multiply(vector, (float)(maxNorm / norm), vector);
            }
        }
    }
}
