using System.Numerics;

namespace TwoTower.Model.Optimizers;

internal abstract partial class RowOptimizer
{
    /// <summary>h ← h + mean(g²) over the row; θ ← θ − η g / (√h + ε). Adagrad with one sum per row (Gupta, Bengio and Weston 2014, section
    /// 4; the mean as in Mudigere et al. 2022, section 4.1.4): its state is one float per row instead of one per parameter.</summary>
    private sealed class RowwiseAdagrad(OptimizerOptions options) : RowOptimizer
    {
        private readonly float _decay = (float)options.WeightDecay;
        private readonly float _epsilon = (float)(options.Epsilon ?? 1e-10);

        public override int Slots => 1;

        public override int SlotWidth(int width) => 1;

        public override void Step(Span<float> row, ReadOnlySpan<float> gradient, Span<float> slot0, Span<float> slot1, int rowStep,
            float learningRate)
        {
            var rows = Vectors(row);
            var gradients = Vectors(gradient);
            var squares = Vector<float>.Zero;
            for (var n = 0; n < rows.Length; n++)
            {
                var g = gradients[n] + (_decay * rows[n]);
                squares += g * g;
            }

            var sum = Vector.Sum(squares);
            for (var n = Vectorised(row.Length); n < row.Length; n++)
            {
                var g = gradient[n] + (_decay * row[n]);
                sum += g * g;
            }

            slot0[0] += sum / row.Length;
            var rate = learningRate / (MathF.Sqrt(slot0[0]) + _epsilon);
            for (var n = 0; n < rows.Length; n++)
            {
                rows[n] -= rate * (gradients[n] + (_decay * rows[n]));
            }

            for (var n = Vectorised(row.Length); n < row.Length; n++)
            {
                row[n] -= rate * (gradient[n] + (_decay * row[n]));
            }
        }
    }
}
