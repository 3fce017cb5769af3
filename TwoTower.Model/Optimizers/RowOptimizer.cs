using System.Numerics;
using System.Runtime.InteropServices;

namespace TwoTower.Model.Optimizers;

/// <summary>An update rule for one row of a table. Rules keep no state of their own: moments stand in slots beside the row.</summary>
internal abstract partial class RowOptimizer
{
    /// <summary>How many slot rows <see cref="Step"/> is given.</summary>
    public abstract int Slots { get; }

    /// <summary>Floats in a slot row of a table with <paramref name="width"/> floats per row: one per parameter, unless
    /// the rule keeps its state by row.</summary>
    public virtual int SlotWidth(int width) => width;

    /// <summary>The rule that the options name.</summary>
    public static RowOptimizer Create(OptimizerOptions options) => options.Kind switch
    {
        OptimizerKind.Sgd => new Sgd(options),
        OptimizerKind.Adagrad => new Adagrad(options),
        OptimizerKind.Adam => new LazyAdam(options),
        OptimizerKind.Momentum => new HeavyBall(options),
        OptimizerKind.RowwiseAdagrad => new RowwiseAdagrad(options),
        OptimizerKind.RmsProp => new RmsProp(options),
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.Kind, "Unknown optimizer."),
    };

    /// <summary>The rule that the options name, followed by the projection to their largest norm if they have one.</summary>
    /// <param name="options">The options, already those of the table.</param>
    /// <param name="dim">Floats of a row that are its vector; what follows (a bias) is not bounded.</param>
    public static RowOptimizer Create(OptimizerOptions options, int dim) => options.MaxNorm > 0
        ? new Projected(Create(options), options.MaxNorm, dim) : Create(options);

    /// <summary>Moves one row against its gradient.</summary>
    /// <param name="row">Parameters, updated.</param>
    /// <param name="gradient">Mean gradient of the row, the same length.</param>
    /// <param name="slot0">First state row, [<see cref="SlotWidth"/>], or empty when <see cref="Slots"/> is 0.</param>
    /// <param name="slot1">Second state row, the same size, or empty when <see cref="Slots"/> is under 2.</param>
    /// <param name="rowStep">How often this row has been stepped, this time included (from 1).</param>
    /// <param name="learningRate">Rate of this step.</param>
    public abstract void Step(Span<float> row, ReadOnlySpan<float> gradient, Span<float> slot0, Span<float> slot1, int rowStep,
        float learningRate);

    /// <summary>How many floats from the start of a row are done by whole vectors; the rest is done one by one.</summary>
    private static int Vectorised(int length) => length - (length % Vector<float>.Count);

    private static Span<Vector<float>> Vectors(Span<float> row) => MemoryMarshal.Cast<float, Vector<float>>(row);

    private static ReadOnlySpan<Vector<float>> Vectors(ReadOnlySpan<float> row) => MemoryMarshal.Cast<float, Vector<float>>(row);
}
