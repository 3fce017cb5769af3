using System.Numerics;

namespace TwoTower.Model.Optimizers;

internal abstract partial class RowOptimizer
{
    /// <summary>s ← αs + (1 − α) g²; θ ← θ − η g / (√s + ε). Tieleman and Hinton 2012 (lecture 6.5), with ε as in torch.optim.RMSprop. A
    /// row's mean square rests while the row is not touched.</summary>
    private sealed class RmsProp(OptimizerOptions options) : RowOptimizer
    {
        private readonly float _decay = (float)options.WeightDecay;
        private readonly float _alpha = (float)options.RmsDecay;
        private readonly float _epsilon = (float)(options.Epsilon ?? 1e-8);

        public override int Slots => 1;

        public override void Step(Span<float> row, ReadOnlySpan<float> gradient, Span<float> slot0, Span<float> slot1, int rowStep,
            float learningRate)
        {
            var rows = Vectors(row);
            var gradients = Vectors(gradient);
            var squares = Vectors(slot0);
            var epsilon = new Vector<float>(_epsilon);
            for (var n = 0; n < rows.Length; n++)
            {
                var g = gradients[n] + (_decay * rows[n]);
                var square = (_alpha * squares[n]) + ((1f - _alpha) * g * g);
                squares[n] = square;
                rows[n] -= learningRate * g / (Vector.SquareRoot(square) + epsilon);
            }

            for (var n = Vectorised(row.Length); n < row.Length; n++)
            {
                var g = gradient[n] + (_decay * row[n]);
                slot0[n] = (_alpha * slot0[n]) + ((1f - _alpha) * g * g);
                row[n] -= learningRate * g / (MathF.Sqrt(slot0[n]) + _epsilon);
            }
        }
    }
}
