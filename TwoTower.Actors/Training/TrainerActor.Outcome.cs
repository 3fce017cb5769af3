using System.Diagnostics;
using Akka.Actor;
using TwoTower.Actors.Protocol;
using TwoTower.Model.Towers;

namespace TwoTower.Actors.Training;

// What a run leaves behind: checkpoints on the way, and the outcome at its end.
public sealed partial class TrainerActor
{
    /// <summary>Saves what waits to be saved, once the evaluations that belong to it are there. One at a time, off this thread.</summary>
    private void SaveCheckpoint()
    {
        if (_unsaved is null || _saving || (_scoring is not null && _scoring.Step <= _unsaved.Step))
        {
            return;
        }

        var images = _unsaved;
        _unsaved = null;
        _savedStep = images.Step;
        var evaluations = _run.Evaluations.Where(evaluation => evaluation.Step <= images.Step).ToArray();
        var losses = _run.LossByEpoch.Take((int)(images.Step / _epochs.BatchesPerEpoch)).ToArray();
        var batchLosses = _run.BatchLossesAt(images.Step); // empty at the end of an epoch
        var (best, ranking) = (_bestSnapshot, _ranking);
        var store = _blueprint.Plan.Checkpoints!;
        _saving = true;
        _blueprint.Work.Run(Self, WorkKind.DiskWrite, images.Bytes, () =>
        {
            store.Save(Checkpoint(images, losses, batchLosses, evaluations, best) with { Ranking = ranking });
            return new CheckpointSaved(images.Step);
        });
    }

    private static TrainingCheckpoint Checkpoint(
        ShardImages images, double[] losses, double[] batchLosses, (long Step, double Value)[] evaluations, ModelSnapshot? best)
    {
        var (users, items) = images.Tables();
        var tensors = new SortedDictionary<string, float[]>(StringComparer.Ordinal) { ["user"] = users.Values, ["item"] = items.Values };
        for (var slot = 0; slot < users.Slots.Length; slot++)
        {
            tensors.Add($"user/slot{slot}", users.Slots[slot]);
            tensors.Add($"item/slot{slot}", items.Slots[slot]);
        }

        return new TrainingCheckpoint
        {
            Step = images.Step,
            Tensors = tensors,
            RowSteps = new SortedDictionary<string, int[]>(StringComparer.Ordinal) { ["user"] = users.RowSteps, ["item"] = items.RowSteps },
            LossByEpoch = losses,
            BatchLosses = batchLosses,
            Evaluations = evaluations,
            BestTensors = best is null ? null : new SortedDictionary<string, float[]>(StringComparer.Ordinal) { ["user"] = best.Users, ["item"] = best.Items },
        };
    }

    private void OnCheckpointSaved(CheckpointSaved saved)
    {
        _saving = false;
        _blueprint.Progress?.Report(new TrainingEvent.CheckpointSaved(saved.Step));
        SaveCheckpoint();
        if (_atBoundary)
        {
            ContinueBoundary();
        }
    }

    private void Finish()
    {
        _ended = true;
        var seconds = Math.Max(1e-9, Now - _startedAt);
        var (users, items) = _images!.Tables();
        var last = new ModelSnapshot(_images.Step, users.Values, items.Values);
        var chosen = _bestSnapshot ?? last;
        var embeddings = _blueprint.ToEmbeddings(chosen);
        var times = _run.Times;
        var shards = _images.All.ToArray();
        var work = times.Pull + times.Gather + times.Gemm + times.Softmax + times.Gradient + times.Push;
        _blueprint.Outcome.TrySetResult(new TrainingOutcome
        {
            Reason = _images.Step >= _epochs.TotalBatches ? StopReason.Finished : _earlyStopping.ShouldStop ? StopReason.EarlyStopped : StopReason.Interrupted,
            Best = _bestReport,
            Embeddings = embeddings,
            Temperature = embeddings.Temperature is { } best ? new TemperatureReport(_options.Loss.Temperature, best, _blueprint.ToEmbeddings(last).Temperature!.Value) : null,
            ParametersSha256 = ShardImages.Sha256(users, items),
            Evaluations = _reports,
            LossByEpoch = _run.LossByEpoch,
            MaskedShare = _run.Pairs == 0 ? null : (double)_run.MaskedPairs / _run.Pairs,
            ExamplesPerSecond = _run.Examples / seconds,
            TrainSeconds = seconds,
            Time = new TimeSplit(
                Seconds(times.Pull) + shards.Sum(shard => Seconds(shard.Counters.PullTicks)), Seconds(times.Gather), Seconds(times.Gemm), Seconds(times.Softmax),
                Seconds(times.Gradient), Seconds(times.Push), shards.Sum(shard => Seconds(shard.Counters.ApplyTicks)),
                Math.Max(0, (seconds * _options.Workers) - Seconds(work))),
            Staleness = _images.Staleness(_options.Consistency.Bound) with { LateBatches = _ledger.Late },
            Shards = [.. shards.Select(shard => new ShardReport(shard.Shard.Value, shard.Counters.Rows, shard.Counters.Pulls, shard.Counters.Pushes, shard.Counters.Bytes))],
        });
    }

    private static double Seconds(long ticks) => (double)ticks / Stopwatch.Frequency;
}
