using System.Diagnostics;
using Akka.Actor;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Work;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Actors.Training;

/// <summary>What a trainer needs.</summary>
/// <param name="Plan">Options, data and checkpoints.</param>
/// <param name="Epochs">How the run is cut into batches.</param>
/// <param name="Layout">Which rows lie where.</param>
/// <param name="Shards">The shards.</param>
/// <param name="Evaluator">The evaluator.</param>
/// <param name="ToEmbeddings">The vectors that score, made from raw parameters.</param>
/// <param name="Work">Where checkpoints and the journal are written.</param>
/// <param name="LostReturn">Whether something starts lost workers, shards and evaluators again; where nothing does, a loss
/// that cannot be made up ends the run.</param>
/// <param name="Journal">What this trainer, or one before it on the same run, has written down; null
/// for one that is not started again.</param>
/// <param name="RestoredBest">Report of the checkpoint's best snapshot, or null.</param>
/// <param name="Progress">Receives events.</param>
/// <param name="Outcome">Is told the end.</param>
internal sealed record TrainerBlueprint(
    TrainingPlan Plan, EpochPlan Epochs, ParameterLayout Layout, IReadOnlyList<IActorRef> Shards, IActorRef Evaluator,
    Func<ModelSnapshot, TwoTowerEmbeddings> ToEmbeddings, ITimedWork Work, bool LostReturn, ITrainerJournal? Journal,
    EvaluationReport? RestoredBest, IProgress<TrainingEvent>? Progress, TaskCompletionSource<TrainingOutcome> Outcome)
{
    /// <summary>Ranks a snapshot for every user; null where no negatives are drawn from there.</summary>
    public Func<ModelSnapshot, RankedNegatives>? Rank { get; init; }

    /// <summary>What the shards count, where all of them are in this process; null where they are not and have to be asked.</summary>
    public ShardBoard? Board { get; init; }

    /// <summary>Whether time is the wall clock's. Progress is told a few times a second there, and so
    /// many times a run where it is not.</summary>
    public bool RealTime { get; init; } = true;

    /// <summary>What the protocols show of themselves.</summary>
    public ProtocolProbe Probe { get; init; } = ProtocolProbe.None;

    /// <summary>Props of an actor that tells the trainer <see cref="TrainerInput.ShardBegan"/>; null where nobody can know. It is started
    /// when training has, and shards have a home.</summary>
    public Func<IActorRef, Props>? Contact { get; init; }

    /// <summary>What a trainer decides by.</summary>
    internal TrainerSettings Settings => new(Plan.Options, Epochs, Layout, Shards.Count, Plan.Checkpoints is not null, Rank is not null,
        LostReturn, Plan.Resume, RestoredBest)
    { Probe = Probe };

    /// <summary>Ranks a snapshot, and says how it went.</summary>
    internal TrainerInput RankSnapshot(SnapshotProtocol.Evaluated evaluated)
    {
        try
        {
            return new TrainerInput.SnapshotRanked(evaluated, Rank!(evaluated.Snapshot));
        }
        catch (Exception failure)
        {
            return new TrainerInput.RankingFailed(evaluated.Report.Step, failure.Message);
        }
    }

    /// <summary>Saves a checkpoint, and says how it went.</summary>
    internal TrainerInput SaveCheckpoint(CheckpointContent content)
    {
        try
        {
            Plan.Checkpoints!.Save(content.Assemble());
            return new TrainerInput.CheckpointSaved(content.Images.Step);
        }
        catch (Exception failure)
        {
            return new TrainerInput.SavingFailed(content.Images.Step, failure.Message);
        }
    }

    /// <summary>What a run has come to.</summary>
    /// <param name="state">The trainer at its end.</param>
    /// <param name="images">The states of all shards.</param>
    /// <param name="now">Seconds.</param>
    internal TrainingOutcome OutcomeOf(TrainerState state, ShardImages images, double now)
    {
        var (record, run, options) = (state.Record, state.Record.Run, Plan.Options);
        var seconds = Math.Max(1e-9, now - state.StartedAt);
        var (users, items) = images.Tables();
        var last = new ModelSnapshot(images.Step, users.Values, items.Values);
        var embeddings = ToEmbeddings(record.BestSnapshot ?? last);
        var times = run.Times;
        var shards = images.All.ToArray();
        var work = times.Pull + times.Gather + times.Gemm + times.Softmax + times.Gradient + times.Push;
        return new TrainingOutcome
        {
            Reason = images.Step >= Epochs.TotalBatches ? StopReason.Finished : record.StopsEarlyAt(images.Step) ? StopReason.EarlyStopped
                : StopReason.Interrupted,
            Best = record.BestReport,
            Embeddings = embeddings,
            Temperature = embeddings.Temperature is { } best
                ? new TemperatureReport(options.Loss.Temperature, best, ToEmbeddings(last).Temperature!.Value) : null,
            ParametersSha256 = ShardImages.Sha256(users, items),
            Evaluations = record.Reports,
            LossByEpoch = run.LossByEpoch,
            MaskedShare = run.Pairs == 0 ? null : (double)run.MaskedPairs / run.Pairs,
            ExamplesPerSecond = run.Examples / seconds,
            TrainSeconds = seconds,
            Time = new TimeSplit(
                Seconds(times.Pull) + shards.Sum(shard => Seconds(shard.Counters.PullTicks)), Seconds(times.Gather), Seconds(times.Gemm),
                Seconds(times.Softmax),
                Seconds(times.Gradient), Seconds(times.Push), shards.Sum(shard => Seconds(shard.Counters.ApplyTicks)),
                Math.Max(0, (seconds * options.Workers) - Seconds(work))),
            Staleness = images.Staleness(options.Consistency.Bound) with { LateBatches = state.Late },
            Shards = [.. shards.Select(shard => new ShardReport(shard.Shard.Value, shard.Counters.Rows, shard.Counters.Pulls,
                shard.Counters.Pushes, shard.Counters.Bytes))],
        };
    }

    private static double Seconds(long ticks) => (double)ticks / Stopwatch.Frequency;
}
