using TwoTower.Actors.Options;
using TwoTower.Model.Data;
using TwoTower.Model.Sampling;

namespace TwoTower.Actors.Training;

/// <summary>What a run needs besides its options: data, and where checkpoints go.</summary>
/// <param name="Options">The settings.</param>
/// <param name="Data">The data.</param>
/// <param name="Checkpoints">Where checkpoints are saved, or null for none.</param>
/// <param name="Resume">The checkpoint to go on from, or null to start afresh.</param>
public sealed record TrainingPlan(
    TrainingOptions Options, RecommenderData Data, ICheckpointStore? Checkpoints = null, TrainingCheckpoint? Resume = null);

/// <summary>Where checkpoints are saved. The implementation knows the file format.</summary>
public interface ICheckpointStore
{
    /// <summary>Saves a checkpoint, replacing the one before only when it is whole. Called off the
    /// actors' threads, one call at a time.</summary>
    void Save(TrainingCheckpoint checkpoint);
}

/// <summary>The exact state of a training run between two batches, independent of shards.</summary>
public sealed record TrainingCheckpoint
{
    /// <summary>Batches applied so far.</summary>
    public required long Step { get; init; }

    /// <summary>Parameters and optimizer state in row order: "user", "item" and, per optimizer, "user/slot0" and so on, each [rows, width]
    /// (row-wise Adagrad's slot: [rows]).</summary>
    public required IReadOnlyDictionary<string, float[]> Tensors { get; init; }

    /// <summary>Optimizer steps of every row: "user", "item".</summary>
    public required IReadOnlyDictionary<string, int[]> RowSteps { get; init; }

    /// <summary>Mean losses of finished epochs.</summary>
    public required IReadOnlyList<double> LossByEpoch { get; init; }

    /// <summary>Loss of the batches of the unfinished epoch, in batch order.</summary>
    public required IReadOnlyList<double> BatchLosses { get; init; }

    /// <summary>Masked validation metric of every evaluation so far, as (step, value).</summary>
    public required IReadOnlyList<(long Step, double Value)> Evaluations { get; init; }

    /// <summary>The last snapshot's ranking, or null where none is drawn from.</summary>
    internal RankedNegatives? Ranking { get; init; }

    /// <summary>Raw parameters of the best snapshot so far ("user", "item"), or null when nothing was evaluated.</summary>
    public required IReadOnlyDictionary<string, float[]>? BestTensors { get; init; }
}

/// <summary>Training cannot go on. The message is one sentence for a person.</summary>
public class TrainingException(string message, Exception? inner = null) : Exception(message, inner);
