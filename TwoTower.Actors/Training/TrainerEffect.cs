using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Actors.Training;

/// <summary>Something that a trainer has decided to do. Carried out in order, and only when the entries that were
/// decided before it are written down.</summary>
internal abstract record TrainerEffect
{
    /// <summary>Answers whoever sent the input.</summary>
    public sealed record Reply(object Message) : TrainerEffect;

    /// <summary>Whoever sent the input is a life of a worker from now on.</summary>
    public sealed record Meet(WorkerId Worker, long Birth) : TrainerEffect;

    /// <summary>A worker's present life is over.</summary>
    public sealed record Part(WorkerId Worker) : TrainerEffect;

    /// <summary>Tells a worker's present life.</summary>
    public sealed record ToWorker(WorkerId Worker, object Message) : TrainerEffect;

    /// <summary>Tells a shard.</summary>
    public sealed record ToShard(IWithShardId Message) : TrainerEffect;

    /// <summary>Tells the evaluator.</summary>
    public sealed record ToEvaluator(SnapshotProtocol.Evaluate Message) : TrainerEffect;

    /// <summary>Shows something to whoever watches the run.</summary>
    public sealed record Show(TrainingEvent Event) : TrainerEffect;

    /// <summary>Ranks a snapshot for every user. The result comes back as <see cref="TrainerInput.SnapshotRanked"/> or
    /// <see cref="TrainerInput.RankingFailed"/>.</summary>
    public sealed record Rank(SnapshotProtocol.Evaluated Evaluated) : TrainerEffect;

    /// <summary>Writes a checkpoint. Comes back as <see cref="TrainerInput.CheckpointSaved"/> or
    /// <see cref="TrainerInput.SavingFailed"/>.</summary>
    public sealed record Save(CheckpointContent Content) : TrainerEffect;

    /// <summary>The run is over: its last state is that of these images.</summary>
    public sealed record Finish(ShardImages Images) : TrainerEffect;

    /// <summary>The run cannot go on.</summary>
    public sealed record Fail(string Reason) : TrainerEffect;
}

/// <summary>What a trainer is told besides the messages of its conversations.</summary>
internal abstract record TrainerInput
{
    /// <summary>Time has passed; what is not answered is asked for again. The first one begins a trainer's life.</summary>
    public sealed record Tick : TrainerInput
    {
        /// <summary>The input.</summary>
        public static Tick Instance { get; } = new();
    }

    /// <summary>Training has not begun, and time has passed.</summary>
    public sealed record StartAwaited : TrainerInput
    {
        /// <summary>The input.</summary>
        public static StartAwaited Instance { get; } = new();
    }

    /// <summary>Somebody asks for a clean stop: batches in flight are finished, the state is saved.</summary>
    public sealed record Stop : TrainerInput
    {
        /// <summary>The input.</summary>
        public static Stop Instance { get; } = new();
    }

    /// <summary>A worker is out of sight.</summary>
    public sealed record WorkerLost(WorkerId Worker) : TrainerInput;

    /// <summary>A worker's actor has failed.</summary>
    public sealed record WorkerBroke(WorkerId Worker, string Reason) : TrainerInput;

    /// <summary>A shard or the evaluator has stopped.</summary>
    public sealed record PeerLost(string Name) : TrainerInput;

    /// <summary>A shard begins anew: what was asked of it before has not been heard.</summary>
    public sealed record ShardBegan(ShardId Shard) : TrainerInput;

    /// <summary>A snapshot has been ranked.</summary>
    public sealed record SnapshotRanked(SnapshotProtocol.Evaluated Evaluated, Model.Sampling.RankedNegatives Ranking) : TrainerInput;

    /// <summary>A snapshot cannot be ranked.</summary>
    public sealed record RankingFailed(long Step, string Reason) : TrainerInput;

    /// <summary>A checkpoint is written.</summary>
    public sealed record CheckpointSaved(long Step) : TrainerInput;

    /// <summary>A checkpoint cannot be written.</summary>
    public sealed record SavingFailed(long Step, string Reason) : TrainerInput;
}

/// <summary>What a trainer makes of one input: what is to be written down, and what is to be done then.</summary>
internal sealed class TrainerDecision
{
    /// <summary>Entries for the journal, in order; <see cref="TrainerState.Record"/> has them already.</summary>
    public List<JournalEntry> Entries { get; } = [];

    /// <summary>What to do, in order.</summary>
    public List<TrainerEffect> Effects { get; } = [];
}
