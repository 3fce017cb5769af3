using TwoTower.Actors.Options;

namespace TwoTower.Actors.Training;

/// <summary>Where training pauses, and what is due there. A function of the settings alone.</summary>
/// <param name="options">How often is evaluated and saved.</param>
/// <param name="epochs">How the run is cut into batches.</param>
/// <param name="saves">Whether there is somewhere to save checkpoints.</param>
internal sealed class BoundarySchedule(TrainingOptions options, EpochPlan epochs, bool saves)
{
    /// <summary>The first boundary after a step: an evaluation, a checkpoint, or the end. An epoch that ends in
    /// between does not hold anybody up.</summary>
    public long After(long step)
    {
        var epoch = step / epochs.BatchesPerEpoch;
        var evaluation = options.EvaluateEveryBatches > 0 ? EvaluationAfter(step) : AfterEpochs(epoch, options.EvaluateEveryEpochs);
        var checkpoint = saves && options.CheckpointEveryEpochs > 0 ? AfterEpochs(epoch, options.CheckpointEveryEpochs) : long.MaxValue;
        return Math.Min(epochs.TotalBatches, Math.Min(evaluation, checkpoint));
    }

    /// <summary>Whether a snapshot is to be scored at a step.</summary>
    public bool EvaluatesAt(long step) =>
        step == epochs.TotalBatches
        || (options.EvaluateEveryBatches > 0
            ? EvaluationAfter(step - 1) == step
            : step % epochs.BatchesPerEpoch == 0 && step / epochs.BatchesPerEpoch % options.EvaluateEveryEpochs == 0);

    /// <summary>Whether a checkpoint is to be saved at a step although training goes on.</summary>
    public bool SavesAt(long step) =>
        saves && options.CheckpointEveryEpochs > 0 && step % epochs.BatchesPerEpoch == 0
            && step / epochs.BatchesPerEpoch % options.CheckpointEveryEpochs == 0;

    /// <summary>The end of the first multiple of a number of epochs after an epoch.</summary>
    private long AfterEpochs(long epoch, int every) => ((epoch / every) + 1) * every * epochs.BatchesPerEpoch;

    /// <summary>The first evaluation after a step: a multiple of the interval, moved to the end of its round.</summary>
    private long EvaluationAfter(long step)
    {
        var due = epochs.RoundEnd(step / options.EvaluateEveryBatches * options.EvaluateEveryBatches);
        for (var multiple = step / options.EvaluateEveryBatches; due <= step; multiple++)
        {
            due = epochs.RoundEnd((multiple + 1) * options.EvaluateEveryBatches);
        }

        return due;
    }
}
