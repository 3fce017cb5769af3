namespace TwoTower.Model.Optimizers;

internal abstract partial class RowOptimizer
{
    /// <summary>θ ← θ − η (g + λθ).</summary>
    private sealed class Sgd(OptimizerOptions options) : RowOptimizer
    {
        private readonly float _decay = (float)options.WeightDecay;

        public override int Slots => 0;

        public override void Step(Span<float> row, ReadOnlySpan<float> gradient, Span<float> slot0, Span<float> slot1, int rowStep,
            float learningRate)
        {
            var rows = Vectors(row);
            var gradients = Vectors(gradient);
            for (var n = 0; n < rows.Length; n++)
            {
                rows[n] -= learningRate * (gradients[n] + (_decay * rows[n]));
            }

            for (var n = Vectorised(row.Length); n < row.Length; n++)
            {
                row[n] -= learningRate * (gradient[n] + (_decay * row[n]));
            }
        }
    }
}
