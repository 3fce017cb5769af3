using System.Numerics;

namespace TwoTower.Model.Optimizers;

internal abstract partial class RowOptimizer
{
    /// <summary>Adam (Kingma and Ba 2015, algorithm 1) on the touched row, with the row's own step count in the bias correction.</summary>
    private sealed class LazyAdam(OptimizerOptions options) : RowOptimizer
    {
        private readonly float _decay = (float)options.WeightDecay;
        private readonly float _beta1 = (float)options.Beta1;
        private readonly float _beta2 = (float)options.Beta2;
        private readonly float _epsilon = (float)(options.Epsilon ?? 1e-8);

        public override int Slots => 2;

        public override void Step(Span<float> row, ReadOnlySpan<float> gradient, Span<float> slot0, Span<float> slot1, int rowStep,
            float learningRate)
        {
            var rate = (float)(learningRate / (1.0 - Math.Pow(_beta1, rowStep)));
            var unbias = (float)(1.0 / Math.Sqrt(1.0 - Math.Pow(_beta2, rowStep)));
            var rows = Vectors(row);
            var gradients = Vectors(gradient);
            var firsts = Vectors(slot0);
            var seconds = Vectors(slot1);
            var epsilon = new Vector<float>(_epsilon);
            for (var n = 0; n < rows.Length; n++)
            {
                var g = gradients[n] + (_decay * rows[n]);
                var first = (_beta1 * firsts[n]) + ((1f - _beta1) * g);
                var second = (_beta2 * seconds[n]) + ((1f - _beta2) * g * g);
                firsts[n] = first;
                seconds[n] = second;
                rows[n] -= rate * first / ((unbias * Vector.SquareRoot(second)) + epsilon);
            }

            for (var n = Vectorised(row.Length); n < row.Length; n++)
            {
                var g = gradient[n] + (_decay * row[n]);
                slot0[n] = (_beta1 * slot0[n]) + ((1f - _beta1) * g);
                slot1[n] = (_beta2 * slot1[n]) + ((1f - _beta2) * g * g);
                row[n] -= rate * slot0[n] / ((unbias * MathF.Sqrt(slot1[n])) + _epsilon);
            }
        }
    }
}
