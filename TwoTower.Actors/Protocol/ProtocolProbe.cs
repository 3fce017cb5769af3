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

    /// <summary>A host began from a copy with pushes that nobody had been told are kept.</summary>
    PromotedWithPushHalfAcknowledged,

    /// <summary>A shard was handed off with a round that was not whole.</summary>
    HandedOffInsideRound,

    /// <summary>The standbys of a shard died while it was being handed off.</summary>
    StandbysDiedWhileLeaving,

    /// <summary>A hand-off took too long and was given up.</summary>
    HandOffOverdue,

    /// <summary>A request came to a shard that was being handed off.</summary>
    AskedWhileLeaving,

    /// <summary>A host that started was told of a higher term, and asked everybody again.</summary>
    RecallOutbid,

    /// <summary>A host that started went on without a server that had not answered.</summary>
    RecallOverdue,

    /// <summary>A host that started fetched the newest copy from another server.</summary>
    CopyFetched,

    /// <summary>A request waited for a host that was still finding out what the shard knew.</summary>
    AskedWhileRecalling,

    /// <summary>A host was told that another has taken its place.</summary>
    HostRefusedByHigherTerm,

    /// <summary>A push waited for a majority.</summary>
    PushHeldWithoutMajority,

    /// <summary>An answer that all copies covered waited for a majority.</summary>
    AnswerHeldWithoutMajority,

    /// <summary>A standby was replaced before it had its copy.</summary>
    StandbyReplacedWhileInstalling,

    /// <summary>A standby was chosen while the shard was at work.</summary>
    StandbyChosenWhileServing,

    /// <summary>A standby had lost its copy and was given another.</summary>
    StandbyLostItsCopy,

    /// <summary>A copy did not arrive and was taken again.</summary>
    CopyTakenAgain,

    /// <summary>Operations were sent to a standby again.</summary>
    OperationsSentAgain,

    /// <summary>An operation reached a standby before the one that it follows.</summary>
    OperationOvertook,

    /// <summary>An operation reached a standby a second time.</summary>
    OperationDoubled,

    /// <summary>A standby refused an operation of a term that is over.</summary>
    OperationOfTermThatIsOver,

    /// <summary>A copy reached a standby that was further already.</summary>
    InstallThatCameLate,

    /// <summary>A shard had fewer copies than are promised, because there were no more servers.</summary>
    FewerCopiesThanPromised,

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

    /// <summary>What a shard promises to keep is told before any copy has it.</summary>
    CopiesNotAwaited,

    /// <summary>A standby does what it is asked under any term.</summary>
    TermNotCompared,

    /// <summary>A standby does operations as they come, whatever is missing before them.</summary>
    GapsNotAwaited,

    /// <summary>A host that starts begins before servers have said what they hold.</summary>
    RecallNotAwaited,

    /// <summary>Pushes are taken and acknowledged with no majority in sight.</summary>
    MajorityNotAwaited,

    /// <summary>A shard that is handed off stops before others have it.</summary>
    HandOffNotAwaited,

    /// <summary>A standby that is chosen while the shard works is taken to have its copy at once.</summary>
    CopyNotAwaited,

    /// <summary>A trainer that was started again fences off none of the lives that it knew.</summary>
    RecoveredLivesNotFenced,

    /// <summary>That training went on from a boundary is not written down.</summary>
    LeavingNotWritten,

    /// <summary>Training goes on from a boundary before its snapshot has been read.</summary>
    BoundaryLeftEarly,

    /// <summary>What a trainer tells goes out before what it says is written.</summary>
    ToldBeforeWritten,
}
