using TwoTower.Model.Evaluation;

namespace TwoTower.Node.Planning;

/// <summary>How a run went, or would go.</summary>
/// <param name="ExamplesPerSecond">Examples per second over the whole run.</param>
/// <param name="Curve">Seconds and the deciding metric of every evaluation.</param>
internal sealed record SizeOutcome(double ExamplesPerSecond, IReadOnlyList<(double Seconds, double Value)> Curve)
{
    /// <summary>The best value; NaN when nothing was evaluated.</summary>
    public double Best => Curve.Count == 0 ? double.NaN : Curve.Max(point => point.Value);

    /// <summary>Seconds to a value, or null when it was not reached.</summary>
    public double? SecondsTo(double target) => TargetCrossing.First(Curve, target);
}

/// <summary>What a number of workers would do.</summary>
/// <param name="Workers">The number.</param>
/// <param name="Predicted">By simulation.</param>
/// <param name="Slowdown">How many times longer computing takes because cores are shared.</param>
/// <param name="Computing">Share of the time in which workers compute.</param>
/// <param name="Variation">Coefficient of variation of the timed gradients.</param>
/// <param name="Measured">By the real thing, or null when that was not run.</param>
internal sealed record SizePlan(int Workers, SizeOutcome Predicted, double Slowdown, double Computing, double Variation,
    SizeOutcome? Measured = null)
{
    /// <summary>Predicted over measured examples per second; null when nothing was measured.</summary>
    public double? Ratio => Measured is { } measured ? Predicted.ExamplesPerSecond / measured.ExamplesPerSecond : null;
}
