using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Declarations;
using TwoTower.Model.Evaluation;

namespace TwoTower.Actors.Protocol.Reports;

/// <summary>One evaluation of a consistent snapshot on validation.</summary>
/// <param name="Epoch">Epochs done, as a fraction when evaluated by batches (1 = after the first epoch).</param>
/// <param name="Step">Batches applied.</param>
/// <param name="Masked">Metrics with seen items removed.</param>
/// <param name="Raw">Metrics with seen items left in.</param>
/// <param name="Seconds">Time from the snapshot to the metrics.</param>
public sealed record EvaluationReport(double Epoch, long Step, RankingResult Masked, RankingResult Raw, double Seconds)
{
    /// <summary>Seconds from the start of training in this process to the snapshot, in the run's own time (virtual in a simulation); null
    /// when a checkpoint's was scored again.</summary>
    [Carried]
    public double? TrainSeconds { get; init; }

    /// <summary>The value that decides: the run's metric under the run's protocol.</summary>
    public double ValueFor(TrainingOptions options) => (options.Protocol == RankingProtocol.Raw ? Raw : Masked).Mean(options.Metric);
}
