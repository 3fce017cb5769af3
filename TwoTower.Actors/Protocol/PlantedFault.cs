namespace TwoTower.Actors.Protocol;

/// <summary>Faults that specs plant, one at a time: what is left out of the protocols.</summary>
internal enum PlantedFault
{
    /// <summary>None.</summary>
    None,

    /// <summary>Batches of a lost worker go to others before the shards have confirmed its fence.</summary>
    FenceNotAwaited,

    /// <summary>What a shard promises to keep is told before any copy has it.</summary>
    [OnlyInCluster]
    CopiesNotAwaited,

    /// <summary>A standby does what it is asked under any term.</summary>
    [OnlyInCluster]
    TermNotCompared,

    /// <summary>A standby does operations as they come, whatever is missing before them.</summary>
    [OnlyInCluster]
    GapsNotAwaited,

    /// <summary>A host that starts begins before servers have said what they hold.</summary>
    [OnlyInCluster]
    RecallNotAwaited,

    /// <summary>Pushes are taken and acknowledged with no majority in sight.</summary>
    [OnlyInCluster]
    MajorityNotAwaited,

    /// <summary>A shard that is handed off stops before others have it.</summary>
    [OnlyInCluster]
    HandOffNotAwaited,

    /// <summary>A standby that is chosen while the shard works is taken to have its copy at once.</summary>
    [OnlyInCluster]
    CopyNotAwaited,

    /// <summary>A trainer that was started again fences off none of the lives that it knew.</summary>
    RecoveredLivesNotFenced,

    /// <summary>That training went on from a boundary is not written down.</summary>
    LeavingNotWritten,

    /// <summary>Training goes on from a boundary before its snapshot has been read.</summary>
    BoundaryLeftEarly,

    /// <summary>What a trainer tells goes out before what it says is written.</summary>
    ToldBeforeWritten,

    /// <summary>A shard acknowledges a push before the write that keeps it.</summary>
    AcknowledgedBeforeWrite,

    /// <summary>A shard applies a batch that it has applied.</summary>
    DuplicateApplied,

    /// <summary>A shard takes pushes of a life that is fenced off.</summary>
    FencedPushTaken,

    /// <summary>A shard that is started again has forgotten whose lives are fenced off.</summary>
    FencesForgotten,

    /// <summary>A shard that is started again has forgotten what it applied beyond a gap.</summary>
    GapsForgotten,

    /// <summary>A shard that is started again does not say so.</summary>
    RecoveryNotTold,

    /// <summary>A round is applied when one member is missing.</summary>
    RoundAppliedEarly,

    /// <summary>A batch of a round that has been applied is computed again from the rows after it.</summary>
    RoundRecomputedFromNewRows,

    /// <summary>A worker takes rows whichever pull they answer.</summary>
    LateRowsTaken,

    /// <summary>A worker reports a batch when all shards but one have acknowledged it.</summary>
    ReportedEarly,

    /// <summary>A worker does not send a push again.</summary>
    PushNotRepeated,

    /// <summary>A worker does not ask for its lease again.</summary>
    LeaseNotAskedForAgain,
}
