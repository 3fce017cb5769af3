namespace TwoTower.Actors.Protocol;

/// <summary>What the protocols of one run show of themselves, and what is planted in them. A run that nobody looks into has <see cref="None"/>, which does nothing.</summary>
/// <remarks>One per run, carried in the blueprints of its actors: worlds that run side by side in one process must not see each other.</remarks>
public class ProtocolProbe
{
    /// <summary>Sees nothing and plants nothing.</summary>
    public static ProtocolProbe None { get; } = new();

    /// <summary>A fault that specs plant in the protocols to see that it is found. No setting and no command reaches it.</summary>
    internal PlantedFault Planted { get; init; }

    /// <summary>The protocols have come to a state that a campaign wants to have seen.</summary>
    public virtual void Reached(ProtocolState state)
    {
    }

    /// <summary>Whether a fault is planted.</summary>
    internal bool Plants(PlantedFault fault) => Planted == fault;
}

/// <summary>States that a campaign has to reach at least once: where crashes, losses and rounds meet. Each is named where it happens.</summary>
public enum ProtocolState
{
    /// <summary>A trainer that was started again had lives that had joined, and not all workers yet.</summary>
    RecoveredBeforeStart,

    /// <summary>A trainer that was started again found itself at a boundary.</summary>
    RecoveredAtBoundary,

    /// <summary>A trainer that was started again had left a boundary, and no batch after it was complete.</summary>
    RecoveredAfterLeavingBoundary,

    /// <summary>A trainer that was started again found batches complete beyond its last boundary.</summary>
    RecoveredBetweenBoundaries,

    /// <summary>A trainer that was started again found batches complete beyond one that was not.</summary>
    RecoveredWithGaps,

    /// <summary>A trainer that was started again found a round of backup workers half accepted.</summary>
    RecoveredInsideBackupRound,

    /// <summary>A trainer that was started again waited for the metrics of a snapshot.</summary>
    RecoveredWhileScoring,

    /// <summary>A trainer that was started again had gone on before a checkpoint was written.</summary>
    RecoveredWithCheckpointUnsaved,

    /// <summary>A worker that had not been welcomed when the trainer crashed asked again with the same life.</summary>
    JoinOfLifeBeforeCrash,

    /// <summary>All shards confirmed a fence before the run had started.</summary>
    FencedBeforeStart,

    /// <summary>All shards confirmed a fence that the worker's next life waited for.</summary>
    FencedWithNextLifeWaiting,

    /// <summary>A worker was lost that held a lease.</summary>
    LostWhileOwing,

    /// <summary>A worker let its lease expire.</summary>
    LeaseExpired,

    /// <summary>A batch was completed by a life that was over.</summary>
    CompletedByEndedLife,

    /// <summary>The metrics of a snapshot were lost with an evaluator.</summary>
    EvaluationLost,

    /// <summary>Training waited at a boundary for the metrics of an earlier one.</summary>
    BoundaryHeldForEarlierEvaluation,

    /// <summary>A checkpoint waited for the metrics that belong to it.</summary>
    CheckpointHeldForEvaluation,

    /// <summary>Patience ran out.</summary>
    StoppedEarly,
}

/// <summary>Faults that specs plant, one at a time: what is left out of the protocols.</summary>
internal enum PlantedFault
{
    /// <summary>None.</summary>
    None,

    /// <summary>Batches of a lost worker go to others before the shards have confirmed its fence.</summary>
    FenceNotAwaited,

    /// <summary>A trainer that was started again fences off none of the lives that it knew.</summary>
    RecoveredLivesNotFenced,

    /// <summary>That training went on from a boundary is not written down.</summary>
    LeavingNotWritten,

    /// <summary>Training goes on from a boundary before its snapshot has been read.</summary>
    BoundaryLeftEarly,

    /// <summary>What a trainer tells goes out before what it says is written.</summary>
    ToldBeforeWritten,
}
