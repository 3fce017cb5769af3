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
    /// <summary>Saves a checkpoint, replacing the one before only when it is whole. Called off the actors' threads, one call at a time.</summary>
    void Save(TrainingCheckpoint checkpoint);
}

/// <summary>The exact state of a training run between two batches, independent of shards.</summary>
public sealed record TrainingCheckpoint
{
    /// <summary>Batches applied so far.</summary>
    public required long Step { get; init; }

    /// <summary>Parameters and optimizer state in row order: "user", "item" and, per optimizer, "user/slot0" and so on, each [rows, width] (row-wise Adagrad's slot: [rows]).</summary>
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
    public RankedNegatives? Ranking { get; init; }

    /// <summary>Raw parameters of the best snapshot so far ("user", "item"), or null when nothing was evaluated.</summary>
    public required IReadOnlyDictionary<string, float[]>? BestTensors { get; init; }
}

/// <summary>Progress, for a display. Every field but the counts may be missing early on.</summary>
public abstract record TrainingEvent
{
    /// <summary>Sent a few times a second while batches complete.</summary>
    /// <param name="Step">Batches done.</param>
    /// <param name="TotalSteps">Batches of the whole run.</param>
    /// <param name="Epoch">Epoch in progress, from 1.</param>
    /// <param name="Loss">Mean loss over the latest batches.</param>
    /// <param name="ExamplesPerSecond">Recent throughput.</param>
    /// <param name="MeanStaleness">Mean τ over pushed rows so far.</param>
    public sealed record BatchesDone(long Step, long TotalSteps, int Epoch, double Loss, double ExamplesPerSecond, double MeanStaleness) : TrainingEvent;

    /// <summary>An epoch ended.</summary>
    public sealed record EpochDone(int Epoch, double Loss, double Seconds, double ExamplesPerSecond, double MeanStaleness) : TrainingEvent;

    /// <summary>A snapshot was scored.</summary>
    public sealed record Evaluated(EvaluationReport Report, bool IsBest) : TrainingEvent;

    /// <summary>A checkpoint was saved.</summary>
    public sealed record CheckpointSaved(long Step) : TrainingEvent;

    /// <summary>Something a person should know (a worker was lost, a lease expired).</summary>
    public sealed record Notice(string Text) : TrainingEvent;
}

/// <summary>Training cannot go on. The message is one sentence for a person.</summary>
public sealed class TrainingException(string message, Exception? inner = null) : Exception(message, inner);
