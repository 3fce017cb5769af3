using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol.Declarations;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Model.Sampling;

namespace TwoTower.Actors.Protocol;

/// <summary>One thing that happened to a run and must be known after a crash of its trainer. What a trainer must not forget is these,
/// applied in order (<c>TrainerRecord.Apply</c>), and nothing else.</summary>
[OneOf(
    typeof(Joined), typeof(Started), typeof(Accepted), typeof(Completed), typeof(Reached), typeof(Taken), typeof(Evaluated), typeof(Ranked),
    typeof(EvaluationLost), typeof(Left), typeof(Saved), typeof(StopAsked), typeof(Condensed))]
internal abstract record JournalEntry
{
    /// <summary>A life of a worker was taken in.</summary>
    public sealed record Joined(WorkerId Worker, long Birth) : JournalEntry;

    /// <summary>All workers had joined, at this moment of the scheduler's clock (seconds).</summary>
    public sealed record Started(double At) : JournalEntry;

    /// <summary>With backup workers: a gradient was accepted into a round under this lease, which shards may have heard of.</summary>
    public sealed record Accepted(Lease Lease) : JournalEntry;

    /// <summary>Every shard has applied a batch.</summary>
    public sealed record Completed(BatchReport Report) : JournalEntry;

    /// <summary>No batch was in flight at this step: training paused.</summary>
    public sealed record Reached(long Step) : JournalEntry;

    /// <summary>A snapshot had been read whole; its metrics were still to come.</summary>
    public sealed record Taken(SnapshotProtocol.Evaluate Request) : JournalEntry;

    /// <summary>The metrics of the snapshot that had been taken will never come.</summary>
    public sealed record EvaluationLost(long Step) : JournalEntry;

    /// <summary>A snapshot was ranked for every user.</summary>
    public sealed record Ranked(RankedNegatives Ranking) : JournalEntry;

    /// <summary>Metrics of a snapshot.</summary>
    /// <param name="Report">The metrics.</param>
    /// <param name="Best">The raw parameters, when no earlier snapshot was better; null otherwise, and where a later one was.</param>
    public sealed record Evaluated(EvaluationReport Report, ModelSnapshot? Best) : JournalEntry;

    /// <summary>Training went on from the boundary at a step.</summary>
    /// <param name="Step">The step.</param>
    /// <param name="Until">No batch from this one on is leased before the next boundary.</param>
    /// <param name="Unsaved">Whether a checkpoint of the step was still to be written.</param>
    public sealed record Left(long Step, long Until, bool Unsaved) : JournalEntry;

    /// <summary>The checkpoint of a step was written.</summary>
    public sealed record Saved(long Step) : JournalEntry;

    /// <summary>Somebody asked for a clean stop.</summary>
    public sealed record StopAsked : JournalEntry;

    /// <summary>What all entries before came to, but for evaluations and the ranking, which follow:
    /// with it a journal stays short.</summary>
    public sealed record Condensed(TrainerTotals Totals) : JournalEntry;

    /// <summary>Bytes that the entry takes on a disk, roughly.</summary>
    public long Bytes => this switch
    {
        Evaluated evaluated => 1024 + (sizeof(float) * ((evaluated.Best?.Users.LongLength ?? 0) + (evaluated.Best?.Items.LongLength ?? 0))),
        Ranked ranked => 64 + (sizeof(int) * ranked.Ranking.Items.LongLength),
        Condensed condensed => condensed.Totals.Bytes,
        _ => 128,
    };
}

/// <summary>What a trainer's journal came to at one moment, without evaluations and the ranking.</summary>
/// <param name="Births">The last life of every worker that has ever joined, by worker.</param>
/// <param name="StartedAt">When all workers had joined (seconds); null before that.</param>
/// <param name="StopAsked">Whether a clean stop was asked for.</param>
/// <param name="Frontier">Batches complete without a gap.</param>
/// <param name="Above">Batches complete beyond it, ascending.</param>
/// <param name="Accepted">With backup workers: the leases that were accepted into the open round, in order.</param>
/// <param name="Boundary">The step at which training pauses; null when it does not.</param>
/// <param name="LeftAt">The step at which training last went on; −1 before it began.</param>
/// <param name="Until">No batch from this one on has been leased.</param>
/// <param name="TakenAt">Step of the last snapshot that was read whole.</param>
/// <param name="Unsaved">Step of a checkpoint that was to be written when training went on; null when there is none.</param>
/// <param name="SavedAt">Step of the last checkpoint that was written; −1 when there is none.</param>
/// <param name="Run">Losses and sums.</param>
internal sealed record TrainerTotals(
    IReadOnlyList<(int Worker, long Birth)> Births, double? StartedAt, bool StopAsked, long Frontier, long[] Above,
    IReadOnlyList<Lease> Accepted,
    long? Boundary, long LeftAt, long Until, long TakenAt, long? Unsaved, long SavedAt, RunTotals Run)
{
    /// <summary>Bytes that they take on a disk, roughly.</summary>
    public long Bytes => 256 + (16L * Births.Count) + (8L * Above.Length) + (64L * Accepted.Count) + Run.Bytes;
}
