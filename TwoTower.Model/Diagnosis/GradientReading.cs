namespace TwoTower.Model.Diagnosis;

/// <summary>What the gradient asks of some batches, and what the optimizer would make of it.</summary>
/// <param name="Loss">Mean weighted loss per example.</param>
/// <param name="GradientNorm">Mean L2 norm of the gradient of a row that a batch touches.</param>
/// <param name="StepNorm">Mean L2 norm of the step that the optimizer would take on such a row.</param>
/// <param name="RelativeStep">Mean of that over the norm of the row: about the angle, in radians, that a vector turns by.</param>
/// <param name="EffectiveRate">Median over rows of step over gradient: the rate that plain gradient descent would need for
/// the same step (for Adagrad η/√Σg²).</param>
/// <param name="Rows">Rows that went in.</param>
internal sealed record GradientReading(double Loss, double GradientNorm, double StepNorm, double RelativeStep,
    double EffectiveRate, int Rows);
