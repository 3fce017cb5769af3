using TwoTower.Actors.Protocol;
using TwoTower.Model.Sampling;

namespace TwoTower.Actors.Training;

/// <summary>One thing that a trainer must still know after a crash.</summary>
public abstract record JournalEntry
{
    /// <summary>A life of a worker was taken in.</summary>
    public sealed record Joined(WorkerId Worker, long Birth) : JournalEntry;

    /// <summary>All workers had joined, at this moment of the scheduler's clock (seconds).</summary>
    public sealed record Started(double At) : JournalEntry;

    /// <summary>With backup workers: a gradient was accepted into a round under this lease, which shards may have heard of.</summary>
    public sealed record Accepted(Lease Lease) : JournalEntry;

    /// <summary>Every shard has applied a batch.</summary>
    public sealed record Completed(BatchReport Report) : JournalEntry;

    /// <summary>No batch was in flight at this step.</summary>
    public sealed record Boundary(long Step) : JournalEntry;

    /// <summary>A snapshot had been read whole; its metrics were still to come.</summary>
    public sealed record Taken(SnapshotProtocol.Evaluate Request) : JournalEntry;

    /// <summary>A snapshot was ranked for every user.</summary>
    public sealed record Ranked(RankedNegatives Ranking) : JournalEntry;

    /// <summary>Metrics of a snapshot.</summary>
    public sealed record Evaluated(EvaluationReport Report, ModelSnapshot Snapshot) : JournalEntry;
}

/// <summary>Where a trainer writes down what it must know after a crash. What has been appended outlives its actor.</summary>
public interface ITrainerJournal
{
    /// <summary>Appends an entry, durably, before it returns.</summary>
    void Append(JournalEntry entry);

    /// <summary>All entries, oldest first.</summary>
    IReadOnlyList<JournalEntry> Read();
}
