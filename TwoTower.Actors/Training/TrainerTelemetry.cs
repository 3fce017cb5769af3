using System.Diagnostics;
using Akka.Actor;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Actors.Training;

/// <summary>What a run at work tells of itself: what the trainer knows, and what the shards count. Shards in this process are looked at,
/// others are asked now and then; nobody waits for their answers.</summary>
/// <remarks>It changes nothing that training depends on, and a trainer that is started again begins to count anew.</remarks>
internal sealed class TrainerTelemetry(TrainerBlueprint blueprint, TrainerState state, double now)
{
    /// <summary>Nobody looks at more lanes than these.</summary>
    private const int MostListed = 64;

    /// <summary>How often a run in virtual time tells its progress: by batches, because how many virtual seconds pass in one of
    /// a person's is anybody's guess.</summary>
    private const int TimesARun = 500;

    private readonly EpochPlan _epochs = blueprint.Epochs;
    private readonly TrainingOptions _options = blueprint.Plan.Options;
    private readonly SortedDictionary<int, (long Batches, long LastStep)> _batchesOf = [];
    private readonly ProgressPace _progressPace = new(0.2, TimesARun);
    private readonly ProgressPace _stalenessPace = new(1, TimesARun / 5);
    private readonly ShardAnswers _answers = new(blueprint.Shards.Count);
    private int _epochsTold = state.Record.Run.LossByEpoch.Count;
    private double _epochStartedAt = now;
    private double _lastBatchAt = now;
    private double _lastEpochRate;
    private long _epochExamples;

    /// <summary>How far training is.</summary>
    /// <param name="at">Seconds.</param>
    public TrainingStatus Status(double at) => new(
        state.Phase, state.Completed, _epochs.TotalBatches, _epochs.EpochOf(Math.Min(state.Completed, _epochs.TotalBatches - 1)) + 1,
        _epochs.Epochs,
        state.Started ? ExamplesPerSecond(at) : 0, Run.Examples > 0 ? Run.LatestLoss : null, _options.Workers, state.Describe(at))
    {
        SecondsSinceBatch = state.Started ? Math.Max(0, at - _lastBatchAt) : null,
        RetrySeconds = _options.RetrySeconds,
    };

    private double ExamplesPerSecond(double at) => _epochExamples / Math.Max(1e-9, at - _epochStartedAt);

    /// <summary>A shard elsewhere has answered.</summary>
    public void Take(StateProtocol.Counted counted) => _answers.Take(counted);

    /// <summary>What there is to tell after a decision.</summary>
    /// <param name="input">What it was made of.</param>
    /// <param name="decision">The decision.</param>
    /// <param name="at">Seconds.</param>
    public void Tell(object input, TrainerDecision decision, double at)
    {
        foreach (var entry in decision.Entries)
        {
            if (entry is JournalEntry.Started)
            {
                _epochStartedAt = at;
                _lastBatchAt = at;
            }
            else if (entry is JournalEntry.Completed completed)
            {
                Count(((LeaseProtocol.Completed)input).Worker, completed.Report, at);
                Tell(at, atOnce: EndEpochs(at));
            }
        }
    }

    private ShardCounts Counts => (ShardCounts?)blueprint.Board ?? _answers;

    private RunState Run => state.Record.Run;

    private double MeanStaleness => Run.StaleRows == 0 ? 0 : (double)Run.StalenessSum / Run.StaleRows;

    private void Count(WorkerId worker, BatchReport report, double at)
    {
        _batchesOf[worker.Value] = (_batchesOf.GetValueOrDefault(worker.Value).Batches + 1, state.Completed);
        _epochExamples += report.Examples;
        _lastBatchAt = at;
    }

    /// <summary>Tells of every epoch that is whole now; true when there was one.</summary>
    private bool EndEpochs(double at)
    {
        var ended = _epochsTold < Run.LossByEpoch.Count;
        while (_epochsTold < Run.LossByEpoch.Count)
        {
            var loss = Run.LossByEpoch[_epochsTold++];
            var seconds = at - _epochStartedAt;
            _lastEpochRate = _epochExamples / Math.Max(1e-9, seconds);
            blueprint.Progress?.Report(new TrainingEvent.EpochDone(_epochsTold, loss, seconds, _lastEpochRate, MeanStaleness));
            _epochStartedAt = at;
            _epochExamples = 0;
        }

        return ended;
    }

    private void Tell(double at, bool atOnce)
    {
        if (blueprint.Progress is not { } progress)
        {
            return;
        }

        var (age, step) = (at - state.StartedAt, state.Completed);
        if (_progressPace.IsDue(age, step, _epochs.TotalBatches, blueprint.RealTime, atOnce))
        {
            progress.Report(new TrainingEvent.BatchesDone(
                step, _epochs.TotalBatches, _epochs.EpochOf(Math.Max(0, step - 1)) + 1, Run.LatestLoss, _epochExamples == 0
                    ? _lastEpochRate : ExamplesPerSecond(at), MeanStaleness)
            {
                Examples = _epochs.ExamplesIn(step),
                Time = TimeSoFar(age),
                Workers = WorkersNow(at),
                Shards = blueprint.Shards.Count <= MostListed ? Counts.Reports() : [],
            });
        }

        if (_stalenessPace.IsDue(age, step, _epochs.TotalBatches, blueprint.RealTime, atOnce))
        {
            if (Counts.Staleness() is { } staleness)
            {
                progress.Report(new TrainingEvent.StalenessCounted(step, staleness.ByBucket()));
            }

            if (Counts == _answers && blueprint.RealTime) // a simulation sends no message that training does not need
            {
                AskShards();
            }
        }
    }

    private void AskShards()
    {
        for (var shard = 0; shard < blueprint.Shards.Count; shard++)
        {
            blueprint.Shards[shard].Tell(new StateProtocol.Count(new ShardId(shard)));
        }
    }

    /// <summary>Null in virtual time, whose workers' ticks are the wall clock's.</summary>
    private PartialTimeSplit? TimeSoFar(double age)
    {
        if (!blueprint.RealTime)
        {
            return null;
        }

        var times = Run.Times;
        var work = times.Pull + times.Gather + times.Gemm + times.Softmax + times.Gradient + times.Push;
        var shards = Counts.Ticks();
        return new PartialTimeSplit(
            shards is null ? null : Seconds(times.Pull + shards.Value.Pull), Seconds(times.Gather), Seconds(times.Gemm),
            Seconds(times.Softmax), Seconds(times.Gradient),
            Seconds(times.Push), shards is null ? null : Seconds(shards.Value.Apply),
            Math.Max(0, (age * _options.Workers) - Seconds(work)));
    }

    /// <summary>Those who are here, then those who were here last, as many as somebody looks at, in order of their numbers;
    /// none when more than that are here.</summary>
    private IReadOnlyList<WorkerProgress> WorkersNow(double at)
    {
        if (state.Here > MostListed)
        {
            return [];
        }

        var here = state.Describe(at).Where(worker => !worker.Fenced).ToDictionary(worker => worker.Worker);

        var gone = _batchesOf.Where(worker => !here.ContainsKey(worker.Key)).OrderByDescending(worker => worker.Value.LastStep)
            .ThenByDescending(worker => worker.Key).Take(MostListed - here.Count);
        return
        [
            .. here.Keys.Concat(gone.Select(worker => worker.Key)).Order().Select(id => new WorkerProgress(
                id, here.TryGetValue(id, out var worker) ? worker.Clock : null, _batchesOf.GetValueOrDefault(id).Batches,
                worker is null ? WorkerState.Lost : worker.Leases.Count > 0 ? WorkerState.Computing : WorkerState.Waiting)),
        ];
    }

    private static double Seconds(long ticks) => (double)ticks / Stopwatch.Frequency;
}
