using System.Diagnostics;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Model;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;
using TwoTower.Model.Storage;
using TwoTower.Node.Display;
using TwoTower.Node.Runs;

namespace TwoTower.Node.Telemetry;

/// <summary>Tells <c>events.jsonl</c> of a run, and whoever else asks, what happens while it is at work.</summary>
internal sealed class RunEvents : IProgress<TrainingEvent>, IAsyncDisposable
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly RunEventQueue _queue;
    private readonly ITrainingEngine _engine;
    private readonly TrainingOptions _options;
    private readonly long _batchesPerEpoch;
    private long _batches;

    private RunEvents(RunEventQueue queue, ITrainingEngine engine, TrainingOptions options, RunEvent.Begin begin, long batches)
    {
        (_queue, _engine, _options, _batchesPerEpoch, _batches) = (queue, engine, options, begin.BatchesPerEpoch, batches);
        Write(begin);
    }

    /// <summary>Begins the file, or goes on with it.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="engine">Carries it out.</param>
    /// <param name="config">What decides it.</param>
    /// <param name="data">The data.</param>
    /// <param name="baselines">The bars.</param>
    /// <param name="fromBatch">Batches that are done; null where this process takes over from another that lost none.</param>
    /// <param name="earlier">The folder that is gone on from, which may be the same; null for a fresh run.</param>
    /// <param name="others">Who else is told.</param>
    /// <param name="warn">Is told when one of them can go on no longer.</param>
    public static RunEvents Begin(
        RunFolder folder, ITrainingEngine engine, RunConfig config, RecommenderData data, Baselines baselines, long? fromBatch,
        RunFolder? earlier, IEnumerable<IRunEventSink> others, Action<string> warn)
    {
        var path = folder.File(RunEventFile.Name);
        TakeOver(earlier?.File(RunEventFile.Name), path);
        var options = config.Settings.Values.Training;
        var batches = fromBatch ?? new RunEventLines(path, thin: true).ReadNew().New.OfType<RunEvent.Progress>().LastOrDefault()
            ?.Batches ?? 0;
        var plan = new EpochPlan(data.Train.Count, options);
        return new RunEvents(new RunEventQueue([RunEventFile.Append(path), .. others], warn), engine, options, new RunEvent.Begin
        {
            Time = TimeProvider.System.GetUtcNow().UtcDateTime,
            Command = engine.Command,
            Recipe = config.Settings.Recipe,
            FromBatch = fromBatch,
            TotalBatches = plan.TotalBatches,
            BatchesPerEpoch = plan.BatchesPerEpoch,
            TrainPositives = data.Train.Count,
            Workers = options.Workers,
            Shards = options.Shards,
            Consistency = options.Consistency.ToString(),
            Metric = options.Metric,
            Cutoffs = options.Cutoffs,
            Baselines = baselines.All.Where(baseline => baseline.Result is not null)
                .ToDictionary(baseline => baseline.Fitted.Kind.Key(), baseline => MeansOf(baseline.Result!.Masked)),
            Oracle = baselines.Oracle is { } oracle ? MeansOf(oracle.Masked) : null,
        }, batches);
    }

    /// <inheritdoc />
    public void Report(TrainingEvent value)
    {
        switch (value)
        {
            case TrainingEvent.BatchesDone done:
                Volatile.Write(ref _batches, done.Step);
                Write(Progress(done), mayBeDropped: _engine.VirtualSeconds is null); // of a simulation, which is to repeat, all or none
                break;
            case TrainingEvent.StalenessCounted counted:
                Write(new RunEvent.Staleness { Batches = counted.Step, Histograms = counted.Histograms },
                    mayBeDropped: _engine.VirtualSeconds is null);
                break;
            case TrainingEvent.EpochDone done:
                Write(new RunEvent.Epoch
                {
                    Batches = done.Epoch * _batchesPerEpoch,
                    Number = done.Epoch,
                    Loss = done.Loss,
                    ExamplesPerSecond = done.ExamplesPerSecond,
                    MeanStaleness = done.MeanStaleness,
                });
                break;
            case TrainingEvent.Evaluated evaluated:
                Write(Evaluation(evaluated));
                break;
            case TrainingEvent.Notice notice:
                Write(new RunEvent.Notice { Kind = NameOf(notice.Kind), Text = notice.Text });
                break;
            case TrainingEvent.CheckpointSaved saved:
                Write(new RunEvent.Notice
                {
                    Batches = saved.Step,
                    Kind = NameOf(NoticeKind.Checkpoint),
                    Text = $"Checkpoint at batch {saved.Step}."
                });
                break;
            case TrainingEvent.MembersChanged changed:
                Write(new RunEvent.Members
                {
                    All = changed.Members,
                    Shards = changed.Shards,
                    Copies = changed.Copies.Count == 0
                    ? null : [.. changed.Copies.Select(shard => new RunEvent.CopyCount(shard.Shard, shard.Wanted, shard.There))]
                });
                break;
        }
    }

    /// <summary>The last line of this process.</summary>
    /// <param name="reason">Why it is the last.</param>
    public void End(string reason) => Write(new RunEvent.End { Reason = reason });

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _queue.DisposeAsync();

    /// <summary>A kind of notice as the file has it.</summary>
    public static string NameOf(NoticeKind kind) => kind switch
    {
        NoticeKind.WorkerLost => "worker-lost",
        NoticeKind.WorkerJoined => "worker-joined",
        NoticeKind.WorkerLeft => "worker-left",
        NoticeKind.LeaseExpired => "lease-expired",
        NoticeKind.Fault => "fault",
        NoticeKind.HandOff => "hand-off",
        NoticeKind.Copies => "copies",
        NoticeKind.Checkpoint => "checkpoint",
        _ => "other",
    };

    /// <summary>What happened before belongs to a run that goes on in another folder too.</summary>
    private static void TakeOver(string? from, string to)
    {
        try
        {
            if (from is not null && Path.GetFullPath(from) != Path.GetFullPath(to) && File.Exists(from))
            {
                File.Copy(from, to, overwrite: true);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"'{from}' cannot be gone on with: {PlainReason.Of(failure)}.", failure);
        }
    }

    private static IReadOnlyDictionary<string, double> MeansOf(RankingResult result) =>
        result.Metrics.ToDictionary(metric => metric, result.Mean);

    private static RunEvent.Progress Progress(TrainingEvent.BatchesDone done) => new()
    {
        Batches = done.Step,
        Examples = done.Examples,
        Loss = Finite(done.Loss),
        ExamplesPerSecond = Finite(done.ExamplesPerSecond),
        MeanStaleness = done.MeanStaleness,
        Time = done.Time is { } time ? Parts(time) : null,
        Workers = done.Workers.Count == 0
            ? null : [.. done.Workers.Select(worker => new RunEvent.Worker(worker.Id, worker.Clock, worker.Batches, NameOf(worker.State)))],
        Shards = done.Shards.Count == 0
            ? null : [.. done.Shards.Select(shard => new RunEvent.Shard(shard.Id, shard.Pulls, shard.Pushes, shard.Bytes))],
    };

    private static string NameOf(WorkerState state) => state switch
    {
        WorkerState.Computing => "computing",
        WorkerState.Waiting => "waiting",
        _ => "lost",
    };

    private static Dictionary<string, double> Parts(PartialTimeSplit time)
    {
        var parts = new (string Name, double? Seconds)[]
        {
            ("pull", time.Pull), ("gather", time.Gather), ("gemm", time.Gemm), ("softmax", time.Softmax), ("gradient", time.Gradient),
            ("push", time.Push), ("apply", time.Apply), ("wait", time.Wait),
        };
        return parts.Where(part => part.Seconds is not null).ToDictionary(part => part.Name, part => Math.Round(part.Seconds!.Value, 4));
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private RunEvent.Evaluation Evaluation(TrainingEvent.Evaluated evaluated)
    {
        var report = evaluated.Report;
        return new RunEvent.Evaluation
        {
            Batches = report.Step,
            AfterEpochs = report.Epoch,
            Best = evaluated.IsBest,
            Metrics = MeansOf(report.Masked),
            Interval = TrainingDisplay.Metrics(_options).ToDictionary(metric => metric, metric => Interval(report.Masked.PerUser(metric))),
        };
    }

    /// <summary>Mean ± 1.96 standard errors over users: the bootstrap of the final report would take a second
    /// of the time of those who train.</summary>
    private static double[] Interval(double[] perUser)
    {
        if (perUser.Length < 2)
        {
            return [double.NaN, double.NaN];
        }

        var mean = perUser.Average();
        var error = 1.96 * Math.Sqrt(perUser.Sum(value => (value - mean) * (value - mean)) / (perUser.Length - 1) / perUser.Length);
        return [mean - error, mean + error];
    }

    private void Write(RunEvent line, bool mayBeDropped = false) => _queue.Write(
        line with
        {
            Wall = Math.Round(_watch.Elapsed.TotalSeconds, 3),
            Virtual = _engine.VirtualSeconds is { } seconds ? Math.Round(seconds, 6) : null,
            Batches = line.Batches ?? (line is RunEvent.Begin ? null : Volatile.Read(ref _batches)),
        },
        mayBeDropped);
}
