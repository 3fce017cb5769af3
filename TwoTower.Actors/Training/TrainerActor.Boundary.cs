using System.Diagnostics;
using Akka.Actor;
using TwoTower.Actors.Protocol;
using TwoTower.Model.Towers;

namespace TwoTower.Actors.Training;

// What happens between two stretches of training, when no batch is in flight.
public sealed partial class TrainerActor
{
    private readonly EarlyStopping _earlyStopping;
    private readonly Queue<(long Step, double Value)> _undecided = new();
    private readonly List<EvaluationReport> _reports = [];
    private ModelSnapshot? _bestSnapshot;
    private EvaluationReport? _bestReport;
    private double _bestValue = double.NegativeInfinity;
    private SnapshotProtocol.Evaluate? _snapshotting;
    private SnapshotProtocol.Evaluate? _scoring;
    private ShardImages? _images;
    private ShardImages? _unsaved;
    private bool _saving;
    private bool _atBoundary;
    private bool _begun;
    private long _lastBoundary;
    private long _savedStep = -1;
    private bool _stopRequested;

    private bool AtBoundary => _atBoundary;

    private void RestoreEvaluations(TrainingCheckpoint? resume)
    {
        if (resume is null)
        {
            return;
        }

        _lastBoundary = resume.Step;
        foreach (var (step, value) in resume.Evaluations)
        {
            _bestValue = Math.Max(_bestValue, value);
            if (step < resume.Step)
            {
                _earlyStopping.Observe(value);
            }
            else
            {
                _undecided.Enqueue((step, value));
            }
        }

        if (resume.BestTensors is { } best)
        {
            _bestSnapshot = new ModelSnapshot(_blueprint.RestoredBest?.Step ?? 0, best["user"], best["item"]);
            _bestReport = _blueprint.RestoredBest;
        }
    }

    private void GoOn()
    {
        _atBoundary = false;
        _ledger.OpenUntil(NextBoundary(_ledger.Completed));
        if (_stopRequested)
        {
            OnStop();
            return;
        }

        ServeParked();
    }

    /// <summary>Where training has to pause next: an evaluation, a checkpoint, or the end. An epoch that ends in between does not hold anybody up.</summary>
    private long NextBoundary(long step)
    {
        var epoch = step / _epochs.BatchesPerEpoch;
        var evaluation = _options.EvaluateEveryBatches > 0 ? EvaluationAfter(step) : AfterEpochs(epoch, _options.EvaluateEveryEpochs);
        var checkpoint = _blueprint.Plan.Checkpoints is not null && _options.CheckpointEveryEpochs > 0 ? AfterEpochs(epoch, _options.CheckpointEveryEpochs) : long.MaxValue;
        return Math.Min(_epochs.TotalBatches, Math.Min(evaluation, checkpoint));
    }

    /// <summary>The end of the first multiple of a number of epochs after an epoch.</summary>
    private long AfterEpochs(long epoch, int every) => ((epoch / every) + 1) * every * _epochs.BatchesPerEpoch;

    /// <summary>The first evaluation after a step: a multiple of the interval, moved to the end of its round.</summary>
    private long EvaluationAfter(long step)
    {
        var due = _epochs.RoundEnd(step / _options.EvaluateEveryBatches * _options.EvaluateEveryBatches);
        for (var multiple = step / _options.EvaluateEveryBatches; due <= step; multiple++)
        {
            due = _epochs.RoundEnd((multiple + 1) * _options.EvaluateEveryBatches);
        }

        return due;
    }

    private bool EvaluationDue(long step) =>
        step == _epochs.TotalBatches
        || (_options.EvaluateEveryBatches > 0
            ? EvaluationAfter(step - 1) == step
            : step % _epochs.BatchesPerEpoch == 0 && step / _epochs.BatchesPerEpoch % _options.EvaluateEveryEpochs == 0);

    private bool CheckpointDue(long step) =>
        _blueprint.Plan.Checkpoints is not null && _options.CheckpointEveryEpochs > 0
        && step % _epochs.BatchesPerEpoch == 0 && step / _epochs.BatchesPerEpoch % _options.CheckpointEveryEpochs == 0;

    private void ReachBoundary()
    {
        _atBoundary = true;
        _begun = false;
        _images = null;
        var step = _ledger.Completed;
        if (step > _lastBoundary)
        {
            Journal(new JournalEntry.Boundary(step));
        }

        ContinueBoundary();
    }

    /// <summary>Asks for the boundary's snapshot, if one is due. A checkpoint still on its way to the disk and an earlier snapshot still being scored hold training up
    /// here: no more than one of each waits.</summary>
    private bool Begin(long step)
    {
        if (!_begun && _unsaved is null && !_saving && _scoring is null)
        {
            _begun = true;
            if (step > _lastBoundary && EvaluationDue(step))
            {
                _snapshotting = new SnapshotProtocol.Evaluate(step, (double)step / _epochs.BatchesPerEpoch) { TrainSeconds = Now - _startedAt };
                _blueprint.Evaluator.Tell(_snapshotting);
            }

            _lastBoundary = step;
        }

        return _begun;
    }

    private void OnTaken(SnapshotProtocol.Taken taken)
    {
        if (_snapshotting?.Step == taken.Step)
        {
            Journal(new JournalEntry.Taken(_snapshotting));
            _scoring = _snapshotting;
            _snapshotting = null;
            ContinueBoundary();
        }
    }

    private void OnEvaluated(SnapshotProtocol.Evaluated evaluated)
    {
        if (_scoring?.Step != evaluated.Report.Step || RankFirst(evaluated))
        {
            return;
        }

        Take(evaluated);
    }

    private void Take(SnapshotProtocol.Evaluated evaluated)
    {
        var report = evaluated.Report with { TrainSeconds = _scoring!.TrainSeconds };
        _scoring = null;
        Journal(new JournalEntry.Evaluated(report, evaluated.Snapshot));
        var isBest = Note(report, evaluated.Snapshot);
        _blueprint.Progress?.Report(new TrainingEvent.Evaluated(report, isBest));
        SaveCheckpoint();
        if (_atBoundary)
        {
            ContinueBoundary();
        }
    }

    /// <summary>Takes an evaluation in; true when it is the best so far.</summary>
    private bool Note(EvaluationReport report, ModelSnapshot snapshot)
    {
        var value = report.ValueFor(_options);
        var isBest = value > _bestValue;
        if (isBest)
        {
            (_bestValue, _bestReport, _bestSnapshot) = (value, report, snapshot);
        }

        _reports.Add(report);
        _run.Evaluations.Add((report.Step, value));
        _undecided.Enqueue((report.Step, value));
        return isBest;
    }

    private void OnEvaluationFailed(SnapshotProtocol.Failed failed)
    {
        if (failed.Step == _snapshotting?.Step || (failed.Step == _scoring?.Step && !_blueprint.LostReturn))
        {
            Fail($"Evaluation failed: {failed.Reason}.");
        }
        else if (failed.Step == _scoring?.Step)
        {
            // An evaluator that was started again cannot read a snapshot that training has left behind.
            _blueprint.Progress?.Report(new TrainingEvent.Notice($"The evaluation at batch {failed.Step} is lost."));
            _scoring = null;
            SaveCheckpoint();
            if (_atBoundary)
            {
                ContinueBoundary();
            }
        }
    }

    /// <summary>Goes as far through the boundary as what has arrived allows; called again whenever something arrives.</summary>
    private void ContinueBoundary()
    {
        var step = _ledger.Completed;
        if (_ended || !Begin(step) || _snapshotting is not null)
        {
            return;
        }

        // Only verdicts on earlier boundaries count here: those on this one may or may not have arrived.
        while (_undecided.TryPeek(out var verdict) && verdict.Step < step)
        {
            _earlyStopping.Observe(_undecided.Dequeue().Value);
        }

        var ending = _earlyStopping.ShouldStop || _stopRequested || step >= _epochs.TotalBatches;
        if ((ending || Ranks) && _scoring is not null)
        {
            return;
        }

        if (ending || CheckpointDue(step))
        {
            if (_images is null)
            {
                _images = new ShardImages(_blueprint.Layout, step);
                RequestImages();
                return;
            }

            if (_images.Missing.Any())
            {
                return;
            }

            if (_unsaved?.Step != step && _blueprint.Plan.Checkpoints is not null && _savedStep != step)
            {
                _unsaved = _images;
                SaveCheckpoint();
            }
        }

        if (!ending)
        {
            GoOn();
        }
        else if (_unsaved is null && !_saving)
        {
            Finish();
        }
    }

    private void RequestImages()
    {
        foreach (var shard in _images!.Missing)
        {
            _blueprint.Shards[shard].Tell(new StateProtocol.Export(new ShardId(shard), _images.Step));
        }
    }

    private void OnImage(StateProtocol.Image image)
    {
        if (_images is null || !_atBoundary)
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
            TellStaleness(_images.Counts());
            ContinueBoundary();
        }
    }

    private void RepeatBoundaryRequests()
    {
        if (_snapshotting is not null)
        {
            _blueprint.Evaluator.Tell(_snapshotting);
        }
        else if (_scoring is not null)
        {
            _blueprint.Evaluator.Tell(_scoring);
        }

        if (_images is not null)
        {
            RequestImages();
        }
    }
}
