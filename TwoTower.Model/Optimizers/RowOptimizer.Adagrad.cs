using System.Numerics;

namespace TwoTower.Model.Optimizers;

internal abstract partial class RowOptimizer
{
    /// <summary>h ← h + g²; θ ← θ − η g / (√h + ε). Duchi, Hazan and Singer 2011, with ε as in torch.optim.Adagrad.</summary>
    private sealed class Adagrad(OptimizerOptions options) : RowOptimizer
    {
        private readonly float _decay = (float)options.WeightDecay;
        private readonly float _epsilon = (float)(options.Epsilon ?? 1e-10);

        public override int Slots => 1;

        public override void Step(Span<float> row, ReadOnlySpan<float> gradient, Span<float> slot0, Span<float> slot1, int rowStep,
            float learningRate)
        {
            var rows = Vectors(row);
            var gradients = Vectors(gradient);
            var sums = Vectors(slot0);
            var epsilon = new Vector<float>(_epsilon);
            for (var n = 0; n < rows.Length; n++)
            {
                var g = gradients[n] + (_decay * rows[n]);
                var sum = sums[n] + (g * g);
                sums[n] = sum;
                rows[n] -= learningRate * g / (Vector.SquareRoot(sum) + epsilon);
            }

            for (var n = Vectorised(row.Length); n < row.Length; n++)
            {
                var g = gradient[n] + (_decay * row[n]);
                slot0[n] += g * g;
                row[n] -= learningRate * g / (MathF.Sqrt(slot0[n]) + _epsilon);
            }
        }
    }
}
