namespace TwoTower.Model.Optimizers;

internal abstract partial class RowOptimizer
{
    /// <summary>v ← μv + g; θ ← θ − ηv. Heavy ball (Polyak 1964) in the form of torch.optim.SGD. A row's velocity
    /// rests while the row is not touched.</summary>
    private sealed class HeavyBall(OptimizerOptions options) : RowOptimizer
    {
        private readonly float _decay = (float)options.WeightDecay;
        private readonly float _momentum = (float)options.Momentum;

        public override int Slots => 1;

        public override void Step(Span<float> row, ReadOnlySpan<float> gradient, Span<float> slot0, Span<float> slot1, int rowStep,
            float learningRate)
        {
            var rows = Vectors(row);
            var gradients = Vectors(gradient);
            var velocities = Vectors(slot0);
            for (var n = 0; n < rows.Length; n++)
            {
                var velocity = (_momentum * velocities[n]) + gradients[n] + (_decay * rows[n]);
                velocities[n] = velocity;
                rows[n] -= learningRate * velocity;
            }

            for (var n = Vectorised(row.Length); n < row.Length; n++)
            {
                slot0[n] = (_momentum * slot0[n]) + gradient[n] + (_decay * row[n]);
                row[n] -= learningRate * slot0[n];
            }
        }
    }
}
