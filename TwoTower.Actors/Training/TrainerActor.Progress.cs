using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Training;

// What a run at work tells of itself: what the trainer knows, and what the shards count. Those in this process are looked at, others are asked now and then; nobody waits for their answers.
public sealed partial class TrainerActor
{
    /// <summary>Nobody looks at more lanes than these.</summary>
    private const int MostListed = 64;

    /// <summary>How often a run in virtual time tells its progress: by batches, because how many virtual seconds pass in one of a person's is anybody's guess.</summary>
    private const int TimesARun = 500;

    private readonly SortedDictionary<int, long> _batchesOf = [];
    private readonly ProgressPace _progressPace = new(0.2, TimesARun);
    private readonly ProgressPace _stalenessPace = new(1, TimesARun / 5);
    private readonly ShardAnswers _answers;
    private readonly ShardCounts _counts;

    private double _lastEpochRate;

    private double MeanStaleness => _run.StaleRows == 0 ? 0 : (double)_run.StalenessSum / _run.StaleRows;

    private void Count(WorkerId worker) => _batchesOf[worker.Value] = _batchesOf.GetValueOrDefault(worker.Value) + 1;

    /// <summary>Tells of every epoch that is whole now; true when there was one.</summary>
    private bool EndEpochs()
    {
        var ended = false;
        while (_run.TryEndEpoch(out var loss))
        {
            var seconds = Now - _epochStartedAt;
            _lastEpochRate = _epochExamples / Math.Max(1e-9, seconds);
            _blueprint.Progress?.Report(new TrainingEvent.EpochDone(_run.LossByEpoch.Count, loss, seconds, _lastEpochRate, MeanStaleness));
            _epochStartedAt = Now;
            _epochExamples = 0;
            ended = true;
        }

        return ended;
    }

    private void TellProgress(bool atOnce)
    {
        if (_blueprint.Progress is not { } progress)
        {
            return;
        }

        var (now, step) = (Now, _ledger.Completed);
        if (_progressPace.IsDue(now - _startedAt, step, _epochs.TotalBatches, _blueprint.RealTime, atOnce))
        {
            progress.Report(new TrainingEvent.BatchesDone(
                step, _epochs.TotalBatches, _epochs.EpochOf(Math.Max(0, step - 1)) + 1,
                _run.LatestLoss, _epochExamples == 0 ? _lastEpochRate : _epochExamples / Math.Max(1e-9, now - _epochStartedAt), MeanStaleness)
            {
                Examples = _epochs.ExamplesIn(step),
                Time = TimeSoFar(now),
                Workers = WorkersNow(now) is { Count: <= MostListed } workers ? workers : [],
                Shards = _blueprint.Shards.Count <= MostListed ? _counts.Reports() : [],
            });
        }

        if (_stalenessPace.IsDue(now - _startedAt, step, _epochs.TotalBatches, _blueprint.RealTime, atOnce))
        {
            if (_counts.Staleness() is { } staleness)
            {
                TellStaleness(staleness);
            }

            if (_counts == _answers && _blueprint.RealTime) // a simulation sends no message that training does not need
            {
                AskShards();
            }
        }
    }

    /// <summary>So that there is something to tell the next time.</summary>
    private void AskShards()
    {
        for (var shard = 0; shard < _blueprint.Shards.Count; shard++)
        {
            _blueprint.Shards[shard].Tell(new StateProtocol.Count(new ShardId(shard)), Self);
        }
    }

    private void TellStaleness(StalenessCounts counts) => _blueprint.Progress?.Report(new TrainingEvent.StalenessCounted(_ledger.Completed, counts.ByBucket()));

    /// <summary>Null in virtual time, whose workers' ticks are the wall clock's.</summary>
    private PartialTimeSplit? TimeSoFar(double now)
    {
        if (!_blueprint.RealTime)
        {
            return null;
        }

        var times = _run.Times;
        var work = times.Pull + times.Gather + times.Gemm + times.Softmax + times.Gradient + times.Push;
        var shards = _counts.Ticks();
        return new PartialTimeSplit(
            shards is null ? null : Seconds(times.Pull + shards.Value.Pull), Seconds(times.Gather), Seconds(times.Gemm), Seconds(times.Softmax), Seconds(times.Gradient),
            Seconds(times.Push), shards is null ? null : Seconds(shards.Value.Apply), Math.Max(0, ((now - _startedAt) * _options.Workers) - Seconds(work)));
    }

    private List<WorkerProgress> WorkersNow(double now)
    {
        var here = _ledger.Describe(now).ToDictionary(worker => worker.Worker);
        return
        [
            .. _batchesOf.Keys.Union(here.Keys).Order().Select(id => new WorkerProgress(
                id, here.TryGetValue(id, out var worker) && !worker.Fenced ? worker.Clock : null, _batchesOf.GetValueOrDefault(id),
                worker is null or { Fenced: true } ? WorkerState.Lost : worker.Leases.Count > 0 ? WorkerState.Computing : WorkerState.Waiting)),
        ];
    }
}
