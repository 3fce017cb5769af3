using System.Numerics.Tensors;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Model.Towers;

namespace TwoTower.Actors.ParameterServer;

/// <summary>How a row takes what is pushed to it.</summary>
internal abstract class RowRule
{
    /// <summary>Whether a gradient is pushed to it, which may be stale.</summary>
    public virtual bool TakesGradients => true;

    /// <summary>Moves one row.</summary>
    /// <param name="row">Its values, updated.</param>
    /// <param name="pushed">What was pushed, the same length.</param>
    /// <param name="slot0">First row of the optimizer's state, or empty.</param>
    /// <param name="slot1">Second row of it, or empty.</param>
    /// <param name="step">How often the row has been stepped, this time included.</param>
    /// <param name="learningRate">Rate of this step.</param>
    public abstract void Step(Span<float> row, ReadOnlySpan<float> pushed, Span<float> slot0, Span<float> slot1, int step,
        float learningRate);

    /// <summary>By the optimizer.</summary>
    public sealed class Learned(RowOptimizer optimizer) : RowRule
    {
        /// <inheritdoc />
        public override void Step(Span<float> row, ReadOnlySpan<float> pushed, Span<float> slot0, Span<float> slot1, int step,
            float learningRate) =>
                optimizer.Step(row, pushed, slot0, slot1, step, learningRate);
    }

    /// <summary>The first float alone, by the optimizer, held between a temperature's bounds.</summary>
    public sealed class Temperature(RowOptimizer optimizer) : RowRule
    {
        /// <inheritdoc />
        public override void Step(Span<float> row, ReadOnlySpan<float> pushed, Span<float> slot0, Span<float> slot1, int step,
            float learningRate)
        {
            optimizer.Step(row[..1], pushed[..1], slot0.IsEmpty ? slot0 : slot0[..1], slot1.IsEmpty ? slot1 : slot1[..1], step,
                learningRate);
            row[0] = LearnedTemperature.Held(row[0]);
        }
    }

    /// <summary>The push brings what a batch measured, and the row moves towards it; what the row was when the
    /// batch pulled it does not matter.</summary>
    public sealed class Measured : RowRule
    {
        /// <inheritdoc />
        public override bool TakesGradients => false;

        /// <inheritdoc />
        public override void Step(Span<float> row, ReadOnlySpan<float> pushed, Span<float> slot0, Span<float> slot1, int step,
            float learningRate) =>
                TensorPrimitives.Lerp(row, pushed, TowerLayout.StatisticRate, row);
    }
}
