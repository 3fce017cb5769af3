using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Training;

/// <summary>Where a trainer writes down what it must know after a crash. What has been written outlives its actor.</summary>
/// <remarks>Reading and writing take as long as a disk takes: they are called off the actor's thread but for the
/// first reading, and one at a time.</remarks>
internal interface ITrainerJournal
{
    /// <summary>Appends entries in order, durably, before it returns. When its writer dies before that, a later reader finds some of them
    /// from the first on, or none.</summary>
    void Append(IReadOnlyList<JournalEntry> entries);

    /// <summary>Puts other entries in the place of all, durably, whole or not at all.</summary>
    void Replace(IReadOnlyList<JournalEntry> entries);

    /// <summary>All entries, oldest first. Parameters that a later evaluation was better than may be missing.</summary>
    IReadOnlyList<JournalEntry> Read();

    /// <summary>Entries after which it is worth writing it anew, condensed.</summary>
    int CondenseAfter => TrainerOutbox.MostEntries;
}
