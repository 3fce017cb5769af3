using System.Numerics;
using System.Runtime.InteropServices;

namespace TwoTower.Model.Optimizers;

/// <summary>An update rule for one row of a table. Rules keep no state of their own: moments stand in slots beside the row.</summary>
public abstract class RowOptimizer
{
    /// <summary>Floats of state per parameter: how many slot rows <see cref="Step"/> is given.</summary>
    public abstract int Slots { get; }

    /// <summary>The rule that the options name.</summary>
    public static RowOptimizer Create(OptimizerOptions options) => options.Kind switch
    {
        OptimizerKind.Sgd => new Sgd(options),
        OptimizerKind.Adagrad => new Adagrad(options),
        OptimizerKind.Adam => new LazyAdam(options),
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.Kind, "Unknown optimizer."),
    };

    /// <summary>Moves one row against its gradient.</summary>
    /// <param name="row">Parameters, updated.</param>
    /// <param name="gradient">Mean gradient of the row, the same length.</param>
    /// <param name="slot0">First state row, or empty when <see cref="Slots"/> is 0.</param>
    /// <param name="slot1">Second state row, or empty when <see cref="Slots"/> is under 2.</param>
    /// <param name="rowStep">How often this row has been stepped, this time included (from 1).</param>
    /// <param name="learningRate">Rate of this step.</param>
    public abstract void Step(Span<float> row, ReadOnlySpan<float> gradient, Span<float> slot0, Span<float> slot1, int rowStep, float learningRate);

    /// <summary>How many floats from the start of a row are done by whole vectors; the rest is done one by one.</summary>
    private static int Vectorised(int length) => length - (length % Vector<float>.Count);

    private static Span<Vector<float>> Vectors(Span<float> row) => MemoryMarshal.Cast<float, Vector<float>>(row);

    private static ReadOnlySpan<Vector<float>> Vectors(ReadOnlySpan<float> row) => MemoryMarshal.Cast<float, Vector<float>>(row);

    /// <summary>θ ← θ − η (g + λθ).</summary>
    private sealed class Sgd(OptimizerOptions options) : RowOptimizer
    {
        private readonly float _decay = (float)options.WeightDecay;

        public override int Slots => 0;

        public override void Step(Span<float> row, ReadOnlySpan<float> gradient, Span<float> slot0, Span<float> slot1, int rowStep, float learningRate)
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

    /// <summary>h ← h + g²; θ ← θ − η g / (√h + ε). Duchi, Hazan and Singer 2011, with ε as in torch.optim.Adagrad.</summary>
    private sealed class Adagrad(OptimizerOptions options) : RowOptimizer
    {
        private readonly float _decay = (float)options.WeightDecay;
        private readonly float _epsilon = (float)(options.Epsilon ?? 1e-10);

        public override int Slots => 1;

        public override void Step(Span<float> row, ReadOnlySpan<float> gradient, Span<float> slot0, Span<float> slot1, int rowStep, float learningRate)
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

    /// <summary>Adam (Kingma and Ba 2015, algorithm 1) on the touched row, with the row's own step count in the bias correction.</summary>
    private sealed class LazyAdam(OptimizerOptions options) : RowOptimizer
    {
        private readonly float _decay = (float)options.WeightDecay;
        private readonly float _beta1 = (float)options.Beta1;
        private readonly float _beta2 = (float)options.Beta2;
        private readonly float _epsilon = (float)(options.Epsilon ?? 1e-8);

        public override int Slots => 2;

        public override void Step(Span<float> row, ReadOnlySpan<float> gradient, Span<float> slot0, Span<float> slot1, int rowStep, float learningRate)
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
