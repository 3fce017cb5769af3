using TwoTower.Model.Evaluation;
using TwoTower.Model.Towers;

namespace TwoTower.Actors.Training;

/// <summary>One evaluation of a consistent snapshot on validation.</summary>
/// <param name="Epoch">Epochs done, as a fraction when evaluated by batches (1 = after the first epoch).</param>
/// <param name="Step">Batches applied.</param>
/// <param name="Masked">Metrics with seen items removed.</param>
/// <param name="Raw">Metrics with seen items left in.</param>
/// <param name="Seconds">Time from the snapshot to the metrics.</param>
public sealed record EvaluationReport(double Epoch, long Step, RankingResult Masked, RankingResult Raw, double Seconds)
{
    /// <summary>Seconds from the start of training in this process to the snapshot, in the run's own time (virtual in a simulation); null when a checkpoint's was scored again.</summary>
    public double? TrainSeconds { get; init; }

    /// <summary>The value that decides: the run's metric under the run's protocol.</summary>
    public double ValueFor(TrainingOptions options) => (options.Protocol == RankingProtocol.Raw ? Raw : Masked).Mean(options.Metric);
}

/// <summary>Seconds of work and waiting, summed over all workers and shards.</summary>
public sealed record TimeSplit(
    double Pull, double Gather, double Gemm, double Softmax, double Gradient, double Push, double Apply, double Wait);

/// <summary>Staleness as measured on the shards.</summary>
/// <param name="Mean">Mean over pushed rows of the pushes that the row had since it was pulled.</param>
/// <param name="P50">Median of the same.</param>
/// <param name="P99">99th percentile of the same.</param>
/// <param name="Max">Maximum of the same.</param>
/// <param name="Bound">The configured bound in clocks, or null for asp.</param>
/// <param name="BoundViolations">Pushes that were applied after a pull which should have seen them.</param>
/// <param name="MaxClocks">Largest distance in clocks between a push and the furthest pull that missed it.</param>
/// <param name="MeanVersions">Mean over pushes of the shard versions between pull and push.</param>
/// <param name="Histograms">Counts of τ = 0, 1, 2, … by "table/bucket" (for example "item/top 1%").</param>
public sealed record StalenessReport(
    double Mean, double P50, double P99, double Max, int? Bound, long BoundViolations, long MaxClocks, double MeanVersions,
    IReadOnlyDictionary<string, long[]> Histograms)
{
    /// <summary>Counts of pushes by the shard's versions between pull and push, 0, 1, 2, …: pushes applied, under softsync updates of the weights. A push counts on every shard that it has rows on.</summary>
    public IReadOnlyList<long> Versions { get; init; } = [];

    /// <summary>Pushes that were not applied because they were too stale, summed over shards.</summary>
    public long DroppedPushes { get; init; }

    /// <summary>Batches whose gradient was too late for its round of backup workers; each was computed again.</summary>
    public long LateBatches { get; init; }
}

/// <summary>What one shard did.</summary>
public sealed record ShardReport(int Id, long Rows, long Pulls, long Pushes, long Bytes);

/// <summary>Why training ended.</summary>
public enum StopReason
{
    /// <summary>All epochs are done.</summary>
    Finished,

    /// <summary>No improvement for the configured patience.</summary>
    EarlyStopped,

    /// <summary>Asked to stop; a checkpoint was saved.</summary>
    Interrupted,
}

/// <summary>A temperature that was learned.</summary>
/// <param name="Initial">What it began with.</param>
/// <param name="Best">That of the best snapshot.</param>
/// <param name="Last">That of the last state.</param>
public sealed record TemperatureReport(double Initial, double Best, double Last);

/// <summary>What a training run produced.</summary>
public sealed record TrainingOutcome
{
    /// <summary>Why it ended.</summary>
    public required StopReason Reason { get; init; }

    /// <summary>Report of the best snapshot, or null when nothing was evaluated.</summary>
    public required EvaluationReport? Best { get; init; }

    /// <summary>Embeddings of the best snapshot (the last state when nothing was evaluated).</summary>
    public required TwoTowerEmbeddings Embeddings { get; init; }

    /// <summary>SHA-256 (hex) of the raw parameters of the last state, in row order: equal for equal training.</summary>
    public required string ParametersSha256 { get; init; }

    /// <summary>The temperature, or null when none was learned.</summary>
    public TemperatureReport? Temperature { get; init; }

    /// <summary>All evaluations in order.</summary>
    public required IReadOnlyList<EvaluationReport> Evaluations { get; init; }

    /// <summary>Mean loss of every finished epoch.</summary>
    public required IReadOnlyList<double> LossByEpoch { get; init; }

    /// <summary>Share of in-batch negatives that were masked, or null for BPR.</summary>
    public required double? MaskedShare { get; init; }

    /// <summary>Examples per second of training time.</summary>
    public required double ExamplesPerSecond { get; init; }

    /// <summary>Seconds of training time in this process.</summary>
    public required double TrainSeconds { get; init; }

    /// <summary>Where time went.</summary>
    public required TimeSplit Time { get; init; }

    /// <summary>Measured staleness.</summary>
    public required StalenessReport Staleness { get; init; }

    /// <summary>What each shard did.</summary>
    public required IReadOnlyList<ShardReport> Shards { get; init; }
}
