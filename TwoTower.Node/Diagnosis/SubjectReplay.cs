using TwoTower.Actors.Options;
using TwoTower.Actors.Training;
using TwoTower.Model.Diagnosis;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;

namespace TwoTower.Node.Diagnosis;

/// <summary>A subject's training for looking at: its last state, its first, and what comes after either.</summary>
/// <remarks>Under bsp a mean loss over the batches of a clock is the loss of one batch as large; a softmax, whose negatives are the batch,
/// and everything asynchronous are replayed batch by batch, which is close.</remarks>
internal sealed class SubjectReplay
{
    private readonly DiagnosisSubject _subject;
    private readonly TrainingOptions _options;

    /// <summary>Looks at a subject.</summary>
    /// <exception cref="NotLookedException">Its towers have layers, features or histories, it has no train
    /// positives, or no last state.</exception>
    public SubjectReplay(DiagnosisSubject subject)
    {
        (_subject, _options) = (subject, subject.SettingsOrSay().Training);
        if (!_options.Model.UserTower.IsNone || !_options.Model.ItemTower.IsNone || subject.Data.UserFeatures is not null
            || subject.Data.ItemFeatures is not null)
        {
            throw new NotLookedException("steps are replayed for embeddings alone, and these towers have layers, features or histories");
        }

        if (subject.Data.Train.Count == 0)
        {
            throw new NotLookedException("there are no train positives");
        }

        var checkpoint = (subject.ReadCheckpoint ?? throw new NotLookedException("the training left no last state"))();
        var replay = With(_options.Optimizer);
        BatchesPerEpoch = replay.BatchesPerEpoch;
        replay.Dispose();
        Epochs = Math.Max(1, checkpoint.LossByEpoch.Count);
        End = new TrainingState(Table(checkpoint, "user", _options.Model.UserWidth), Table(checkpoint, "item", _options.Model.ItemWidth),
            (long)BatchesPerEpoch * Epochs);
    }

    /// <summary>The last state.</summary>
    public TrainingState End { get; }

    /// <summary>Epochs that were trained.</summary>
    public int Epochs { get; }

    /// <summary>Batches of an epoch.</summary>
    public int BatchesPerEpoch { get; }

    /// <summary>A replay under some optimizer. The caller disposes it.</summary>
    public TrainingReplay With(OptimizerOptions optimizer)
    {
        var isMean = _options.Loss.Kind == LossKind.Bpr && _options.BatchPer == BatchScope.Worker
            && _options.Consistency.Kind == ConsistencyKind.Bsp;
        var size = (long)_options.BatchSize * (isMean ? _options.Workers - _options.BackupWorkers : 1);
        return new TrainingReplay(_options.Model, _options.Loss, optimizer, _subject.Train(),
            (int)Math.Min(size, _subject.Data.Train.Count), _options.Epochs, _options.Seed);
    }

    /// <summary>A copy of the last state: an epoch changes the arrays that it is given.</summary>
    public TrainingState CopyOfEnd() => End with { Users = Copy(End.Users), Items = Copy(End.Items) };

    private static TableState Copy(TableState table) =>
        table with { Values = [.. table.Values], Slot0 = [.. table.Slot0], Slot1 = [.. table.Slot1], Steps = [.. table.Steps] };

    private static TableState Table(TrainingCheckpoint checkpoint, string name, int width) => new(
        checkpoint.Tensors[name], width, checkpoint.Tensors.GetValueOrDefault($"{name}/slot0", []),
        checkpoint.Tensors.GetValueOrDefault($"{name}/slot1", []), checkpoint.RowSteps[name]);
}
