namespace TwoTower.Actors.Protocol.Reports;

/// <summary>Progress, for whoever shows or records a run. Every field but the counts may be missing early on.</summary>
public abstract record TrainingEvent
{
    /// <summary>Sent a few times a second while batches complete (in virtual time: a few hundred times
    /// a run), and when an epoch ends.</summary>
    /// <param name="Step">Batches done.</param>
    /// <param name="TotalSteps">Batches of the whole run.</param>
    /// <param name="Epoch">Epoch in progress, from 1.</param>
    /// <param name="Loss">Mean loss over the latest batches.</param>
    /// <param name="ExamplesPerSecond">Recent throughput.</param>
    /// <param name="MeanStaleness">Mean τ over pushed rows so far.</param>
    public sealed record BatchesDone(long Step, long TotalSteps, int Epoch, double Loss, double ExamplesPerSecond, double MeanStaleness)
        : TrainingEvent
    {
        /// <summary>Examples in the batches done, those of earlier stretches of a resumed run included.</summary>
        public long Examples { get; init; }

        /// <summary>Where time went since this process began to train; null when it is not told.</summary>
        public PartialTimeSplit? Time { get; init; }

        /// <summary>Everybody who has worked here, in order of their numbers; empty when they are too many to list.</summary>
        public IReadOnlyList<WorkerProgress> Workers { get; init; } = [];

        /// <summary>What each shard has done since this process began to train, in order of their numbers; empty where the shards are not
        /// in this process, or too many to list.</summary>
        public IReadOnlyList<ShardReport> Shards { get; init; } = [];
    }

    /// <summary>Staleness of rows so far, by table and popularity: about once a second and at an epoch's end where the shards are in this
    /// process, else when they were read for a checkpoint.</summary>
    /// <param name="Step">Batches done.</param>
    /// <param name="Histograms">Counts of τ = 0, 1, 2, … by "table/bucket".</param>
    public sealed record StalenessCounted(long Step, IReadOnlyDictionary<string, long[]> Histograms) : TrainingEvent;

    /// <summary>An epoch ended.</summary>
    public sealed record EpochDone(int Epoch, double Loss, double Seconds, double ExamplesPerSecond, double MeanStaleness) : TrainingEvent;

    /// <summary>A snapshot was scored.</summary>
    public sealed record Evaluated(EvaluationReport Report, bool IsBest) : TrainingEvent;

    /// <summary>A checkpoint was saved.</summary>
    public sealed record CheckpointSaved(long Step) : TrainingEvent;

    /// <summary>Something a person should know (a worker was lost, a lease expired).</summary>
    /// <param name="Text">A sentence.</param>
    /// <param name="Kind">What it is about.</param>
    public sealed record Notice(string Text, NoticeKind Kind = NoticeKind.Other) : TrainingEvent;

    /// <summary>The members of a cluster or the places of its shards are others than before.</summary>
    /// <param name="Members">The members, in the order of their addresses.</param>
    /// <param name="Shards">Where shards are, in the order of their numbers; those whose place is not known are not listed.</param>
    internal sealed record MembersChanged(IReadOnlyList<ClusterMember> Members, IReadOnlyList<ShardPlace> Shards) : TrainingEvent
    {
        /// <summary>How many copies of each shard other servers have, in the order of shards; shards of
        /// which nobody said are not listed.</summary>
        public IReadOnlyList<ShardCopies> Copies { get; init; } = [];
    }
}

/// <summary>What a notice is about.</summary>
public enum NoticeKind
{
    /// <summary>None of the others.</summary>
    Other,

    /// <summary>Shards lack copies on other servers, or have them again.</summary>
    Copies,

    /// <summary>A worker was lost.</summary>
    WorkerLost,

    /// <summary>A worker joined, for the first time or again, after training had begun.</summary>
    WorkerJoined,

    /// <summary>A worker left of its own will.</summary>
    WorkerLeft,

    /// <summary>A worker was too slow with its batch.</summary>
    LeaseExpired,

    /// <summary>Something went wrong in a simulated world, or was mended.</summary>
    Fault,

    /// <summary>A shard went to another node.</summary>
    HandOff,

    /// <summary>A checkpoint was saved.</summary>
    Checkpoint,
}

/// <summary>Seconds of work and waiting since this process began to train, summed over workers and shards; null for a
/// part that is known elsewhere only.</summary>
/// <param name="Pull">Pulling rows, on workers and shards; null where shards are in other processes.</param>
/// <param name="Gather">Gathering rows into matrices.</param>
/// <param name="Gemm">Matrix products.</param>
/// <param name="Softmax">The loss.</param>
/// <param name="Gradient">The rest of the gradient.</param>
/// <param name="Push">Pushing gradients.</param>
/// <param name="Apply">Applying them on the shards; null where those are in other processes.</param>
/// <param name="Wait">What is left of the workers' time.</param>
public sealed record PartialTimeSplit(double? Pull, double Gather, double Gemm, double Softmax, double Gradient, double Push, double? Apply,
    double Wait);

/// <summary>A worker as a chart shows it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Clock">Clock of its next lease; null when it is lost.</param>
/// <param name="Batches">Batches that it has completed since this process began to train.</param>
/// <param name="State">What it is doing.</param>
public sealed record WorkerProgress(int Id, long? Clock, long Batches, WorkerState State);

/// <summary>What a worker is doing, by the trainer's ledger.</summary>
public enum WorkerState
{
    /// <summary>It holds a lease: it pulls, computes or pushes.</summary>
    Computing,

    /// <summary>It holds none.</summary>
    Waiting,

    /// <summary>It is not here any more: lost, being fenced off, or gone of its own will.</summary>
    Lost,
}
