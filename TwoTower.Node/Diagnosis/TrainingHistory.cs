using TwoTower.Actors.Protocol.Reports;
using TwoTower.Node.Sweeps;

namespace TwoTower.Node.Diagnosis;

/// <summary>One evaluation of a training.</summary>
/// <param name="Batches">Batches applied.</param>
/// <param name="Metrics">Masked validation metrics.</param>
internal sealed record EvaluationPoint(long Batches, IReadOnlyDictionary<string, double> Metrics);

/// <summary>How a training went.</summary>
/// <param name="LossByEpoch">Mean loss of every epoch.</param>
/// <param name="Evaluations">Evaluations in order.</param>
/// <param name="MeanStaleness">Mean τ over pushed rows.</param>
/// <param name="P99Staleness">99th percentile of τ.</param>
/// <param name="MaxStaleness">Largest τ.</param>
internal sealed record TrainingHistory(IReadOnlyList<double> LossByEpoch, IReadOnlyList<EvaluationPoint> Evaluations, double MeanStaleness,
    double P99Staleness, double MaxStaleness)
{
    /// <summary>The history that a run's folder tells.</summary>
    public static TrainingHistory Of(RunRecord run) => new(
        run.LossByEpoch, [.. run.Evaluations.Select(evaluation => new EvaluationPoint(evaluation.Batches, evaluation.Metrics))],
        run.Staleness.Mean, run.Staleness.P99, run.Staleness.Max);

    /// <summary>The history of a training in this process.</summary>
    public static TrainingHistory Of(TrainingOutcome outcome) => new(
        outcome.LossByEpoch,
        [.. outcome.Evaluations.Select(report =>
            new EvaluationPoint(report.Step, report.Masked.Metrics.ToDictionary(metric => metric, report.Masked.Mean,
            StringComparer.Ordinal)))],
        outcome.Staleness.Mean, outcome.Staleness.P99, outcome.Staleness.Max);
}
