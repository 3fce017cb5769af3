using TwoTower.Model.Towers;

namespace TwoTower.Actors.Protocol.Reports;

/// <summary>Seconds of work and waiting, summed over all workers and shards.</summary>
public sealed record TimeSplit(
    double Pull, double Gather, double Gemm, double Softmax, double Gradient, double Push, double Apply, double Wait);

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
