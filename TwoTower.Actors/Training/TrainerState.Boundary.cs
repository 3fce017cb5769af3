using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Actors.Training;

// What happens between two stretches of training, when no batch is in flight.
internal sealed partial class TrainerState
{
    private SnapshotProtocol.Evaluate? _snapshotting;
    private ShardImages? _images;
    private ShardImages? _unsaved;
    private long? _saving;
    private long _rankingAt = -1;

    /// <summary>Lets the batches of the stretch after the last boundary be leased.</summary>
    private void Open()
    {
        _ledger.OpenUntil(Record.Until);
        if (Record.StopAsked)
        {
            _ledger.CloseSoon();
        }
    }

    private void Leave(long step)
    {
        Keep(new JournalEntry.Left(step, _schedule.After(step), _unsaved?.Step == step || _saving == step));
        _images = null;
        Open();
        _serve = true;
    }

    /// <summary>Goes as far through a boundary as what has arrived allows.</summary>
    private void ContinueBoundary()
    {
        // A checkpoint of an earlier boundary that is still on its way to the disk and an earlier snapshot that is still being scored hold
        // training up: no more than one of each waits.
        if (Record.Boundary is not { } step || Ended || Record.Scoring?.Step < step || _unsaved?.Step < step || _saving < step)
        {
            Reach(Record.Scoring?.Step < Record.Boundary, ProtocolState.BoundaryHeldForEarlierEvaluation);
            return;
        }

        if (step > Record.TakenAt && _schedule.EvaluatesAt(step))
        {
            AskForSnapshot(step);
            if (!_settings.Probe.Plants(PlantedFault.BoundaryLeftEarly) || step >= _epochs.TotalBatches)
            {
                return;
            }
        }

        var ending = step >= _epochs.TotalBatches || Record.StopAsked || Record.StopsEarlyAt(step);
        if ((ending || _settings.Ranks) && Record.Scoring is not null)
        {
            return;
        }

        if ((ending || _schedule.SavesAt(step)) && !Gather(step))
        {
            return;
        }

        if (!ending)
        {
            Leave(step);
            if (_settings.Probe.Plants(PlantedFault.LeavingNotWritten))
            {
                _decision.Entries.RemoveAt(_decision.Entries.Count - 1);
            }
        }
        else if (_unsaved is null && _saving is null)
        {
            Ended = true;
            Reach(step < _epochs.TotalBatches && !Record.StopAsked, ProtocolState.StoppedEarly);
            Do(new TrainerEffect.Finish(_images!));
        }
    }

    private void AskForSnapshot(long step)
    {
        if (_snapshotting?.Step != step)
        {
            _snapshotting = new SnapshotProtocol.Evaluate(step, (double)step / _epochs.BatchesPerEpoch)
            {
                TrainSeconds = _now
                - _startedAt
            };
            Do(new TrainerEffect.ToEvaluator(_snapshotting));
        }
    }

    /// <summary>Asks for the states of all shards and, where checkpoints are saved, sees to it that they
    /// are; false while some are missing.</summary>
    private bool Gather(long step)
    {
        if (_images?.Step != step)
        {
            _images = new ShardImages(_settings.Layout, step);
            RequestImages();
        }

        if (_images.Missing.Any())
        {
            return false;
        }

        if (_settings.Saves && Record.SavedAt != step && _unsaved?.Step != step && _saving != step)
        {
            _unsaved = _images;
            Save();
        }

        return true;
    }

    private void RequestImages(ShardId? of = null)
    {
        foreach (var shard in _images!.Missing.Where(shard => of is null || of == new ShardId(shard)))
        {
            Do(new TrainerEffect.ToShard(new StateProtocol.Export(new ShardId(shard), _images.Step)));
        }
    }

    private void RepeatBoundaryRequests()
    {
        if ((_snapshotting ?? Record.Scoring) is { } request)
        {
            Do(new TrainerEffect.ToEvaluator(request));
        }

        if (_images?.Step == Record.Boundary)
        {
            RequestImages();
        }
    }

    private void OnTaken(SnapshotProtocol.Taken taken)
    {
        if (_snapshotting?.Step == taken.Step)
        {
            Keep(new JournalEntry.Taken(_snapshotting));
            _snapshotting = null;
        }
    }

    private void OnEvaluated(SnapshotProtocol.Evaluated evaluated)
    {
        if (Record.Scoring?.Step != evaluated.Report.Step)
        {
            return;
        }

        if (!_settings.Ranks)
        {
            Note(evaluated);
        }
        else if (_rankingAt != evaluated.Report.Step)
        {
            // Training goes on only when the snapshot of the boundary has been ranked, so every batch between two evaluations is drawn from
            // the same ranking, whoever computes it and however long it took.
            _rankingAt = evaluated.Report.Step; // an answer that comes again ranks nothing again
            Do(new TrainerEffect.Rank(evaluated));
        }
    }

    private void OnRanked(TrainerInput.SnapshotRanked ranked)
    {
        if (Record.Scoring?.Step == ranked.Evaluated.Report.Step)
        {
            // The ranking is written down first: one whose evaluation is not there is made again, the same.
            Keep(new JournalEntry.Ranked(ranked.Ranking));
            Note(ranked.Evaluated);
        }
    }

    private void Note(SnapshotProtocol.Evaluated evaluated)
    {
        var report = evaluated.Report with { TrainSeconds = Record.Scoring!.TrainSeconds };
        var isBest = Record.IsBest(report);
        Keep(new JournalEntry.Evaluated(report, isBest ? evaluated.Snapshot : null));
        Show(new TrainingEvent.Evaluated(report, isBest));
        Save();
    }

    private void OnEvaluationFailed(SnapshotProtocol.Failed failed)
    {
        var lost = failed.Step == Record.Scoring?.Step;
        if (failed.Step == _snapshotting?.Step || (lost && !_settings.LostReturn))
        {
            Fail($"Evaluation failed: {failed.Reason.TrimEnd('.')}.");
        }
        else if (lost)
        {
            // An evaluator that was started again cannot read a snapshot that training has left behind.
            Reach(true, ProtocolState.EvaluationLost);
            Keep(new JournalEntry.EvaluationLost(failed.Step));
            Show(new TrainingEvent.Notice($"The evaluation at batch {failed.Step} is lost: {failed.Reason.TrimEnd('.')}."));
            Save();
        }
    }

    private void OnImage(StateProtocol.Image image)
    {
        if (_images is null || Record.Boundary != _images.Step || !_images.Missing.Contains(image.Shard.Value))
        {
            return;
        }

        try
        {
            _images.Add(image);
        }
        catch (TrainingException uneven)
        {
            Fail(uneven.Message);
            return;
        }

        if (!_images.Missing.Any())
        {
            Show(new TrainingEvent.StalenessCounted(_ledger.Completed, _images.Counts().ByBucket()));
        }
    }

    /// <summary>Saves what waits to be saved, once the evaluations that belong to it are there. One at a time.</summary>
    private void Save()
    {
        if (_unsaved is null || _saving is not null || Record.Scoring?.Step <= _unsaved.Step)
        {
            Reach(_unsaved is not null && Record.Scoring is not null, ProtocolState.CheckpointHeldForEvaluation);
            return;
        }

        var images = _unsaved;
        (_unsaved, _saving) = (null, images.Step);
        Do(new TrainerEffect.Save(new CheckpointContent(
            images,
            [.. Record.Run.LossByEpoch.Take((int)(images.Step / _epochs.BatchesPerEpoch))],
            Record.Run.BatchLossesAt(images.Step),
            [.. Record.Evaluations.Where(evaluation => evaluation.Step <= images.Step)],
            Record.BestSnapshot,
            Record.Ranking)));
    }

    private void OnSaved(TrainerInput.CheckpointSaved saved)
    {
        _saving = null;
        Keep(new JournalEntry.Saved(saved.Step));
        Show(new TrainingEvent.CheckpointSaved(saved.Step));
        Save();
    }
}
