namespace TwoTower.Actors.Protocol;

/// <summary>States that a campaign has to reach at least once: where crashes, losses and rounds meet.
/// Each is named where it happens.</summary>
internal enum ProtocolState
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
    [OnlyInCluster]
    PromotedWithPushHalfAcknowledged,

    /// <summary>A shard was handed off with a round that was not whole.</summary>
    [OnlyInCluster]
    HandedOffInsideRound,

    /// <summary>The standbys of a shard died while it was being handed off.</summary>
    [OnlyInCluster]
    StandbysDiedWhileLeaving,

    /// <summary>A hand-off took too long and was given up.</summary>
    [OnlyInCluster]
    HandOffOverdue,

    /// <summary>A host that started was told of a higher term, and asked everybody again.</summary>
    [OnlyInCluster]
    RecallOutbid,

    /// <summary>A host that started fetched the newest copy from another server.</summary>
    [OnlyInCluster]
    CopyFetched,

    /// <summary>A request waited for a host that was still finding out what the shard knew.</summary>
    [OnlyInCluster]
    AskedWhileRecalling,

    /// <summary>A push waited for a majority.</summary>
    [OnlyInCluster]
    PushHeldWithoutMajority,

    /// <summary>An answer that all copies covered waited for a majority.</summary>
    [OnlyInCluster]
    AnswerHeldWithoutMajority,

    /// <summary>A standby was replaced before it had its copy.</summary>
    [OnlyInCluster]
    StandbyReplacedWhileInstalling,

    /// <summary>A standby was chosen while the shard was at work.</summary>
    [OnlyInCluster]
    StandbyChosenWhileServing,

    /// <summary>A copy did not arrive and was taken again.</summary>
    [OnlyInCluster]
    CopyTakenAgain,

    /// <summary>Operations were sent to a standby again.</summary>
    [OnlyInCluster]
    OperationsSentAgain,

    /// <summary>An operation reached a standby before the one that it follows.</summary>
    [OnlyInCluster]
    OperationOvertook,

    /// <summary>An operation reached a standby a second time.</summary>
    [OnlyInCluster]
    OperationDoubled,

    /// <summary>A copy reached a standby that had it, or was further already.</summary>
    [OnlyInCluster]
    InstallThatCameLate,

    /// <summary>A shard had fewer copies than are promised, because there were no more servers.</summary>
    [OnlyInCluster]
    FewerCopiesThanPromised,

    /// <summary>A message that was too long for one piece was put together from several.</summary>
    [OnlyInCluster]
    MessageCameInPieces,

    /// <summary>A message was given up half sent, because its receiver had moved to another node.</summary>
    [OnlyInCluster]
    ReceiverOfPiecesMoved,

    /// <summary>A message was given up half sent, because nothing more of it arrived.</summary>
    [OnlyInCluster]
    PiecesWithoutProgress,

    /// <summary>A trainer that was started again found batches complete beyond one that was not.</summary>
    RecoveredWithGaps,

    /// <summary>A trainer that was started again found a round of backup workers half accepted.</summary>
    RecoveredInsideBackupRound,

    /// <summary>A trainer was started again with a journal that had been condensed.</summary>
    RecoveredFromCondensedJournal,

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

    /// <summary>A shard refused a push of a life that was fenced off.</summary>
    FencedPushRefused,

    /// <summary>A life was fenced off while a push of it waited in a round.</summary>
    FencedInsideRound,

    /// <summary>A shard acknowledged a push of a batch that it had applied, and applied nothing.</summary>
    DuplicateAcknowledged,

    /// <summary>A batch that waited in a round was pushed again by another worker than the first.</summary>
    RoundMemberPushedByAnother,

    /// <summary>A batch was computed again from the rows as they were before the round that had it.</summary>
    RowsFromBeforeRound,

    /// <summary>Pushes that waited for others were applied because the shard was read at a boundary.</summary>
    WaitingAppliedAtBoundary,

    /// <summary>An answer came while a write was on its way, and went with the next.</summary>
    AnswerHeldBehindWrite,

    /// <summary>A shard crashed while an acknowledgement waited for its write.</summary>
    AcknowledgementHeldInCrash,

    /// <summary>A shard that was started again had applied batches beyond a gap.</summary>
    ShardRecoveredWithGaps,

    /// <summary>A shard that was started again knew of lives that were fenced off.</summary>
    ShardRecoveredWithFences,

    /// <summary>A shard that was started again had pushes that wait for others.</summary>
    ShardRecoveredWithWaiting,

    /// <summary>Rows came for a pull of an earlier life of the worker.</summary>
    RowsOfEarlierLife,

    /// <summary>Rows came for a pull of this life that had been answered.</summary>
    RowsOfEarlierBatch,

    /// <summary>A worker began another life while it computed a gradient.</summary>
    RejoinedWhileComputing,

    /// <summary>A worker began another life while it waited for acknowledgements.</summary>
    RejoinedWhilePushing,

    /// <summary>A gradient was done after its worker had begun another life.</summary>
    GradientOfEarlierLife,

    /// <summary>A worker saw that its lease had run out, and did not push.</summary>
    LeaseRanOutAtWorker,

    /// <summary>A copy of a hot row was too old, and the row was pulled again.</summary>
    HotCopyExpired,

    /// <summary>A worker sent a pull again to a shard that had been started again.</summary>
    PulledAgainAfterRecovery,

    /// <summary>A worker sent a push again to a shard that had been started again.</summary>
    PushedAgainAfterRecovery,

    /// <summary>With backup workers a gradient came too late for its round.</summary>
    GradientDeclined,

    /// <summary>A worker had a lease and waited for the ranking to draw negatives from.</summary>
    LeaseWaitedForRanking,

    /// <summary>An evaluator was asked again for a snapshot that it had.</summary>
    SnapshotAskedForAgain,

    /// <summary>An evaluator that was started again was asked for a snapshot that training had left behind.</summary>
    SnapshotLeftBehind,

    /// <summary>A message was lost with the machine in whose interface it waited.</summary>
    MessageDiedWithSender,

    /// <summary>The trainer and a shard were down at once.</summary>
    TrainerAndShardDown,

    /// <summary>All workers were down at once.</summary>
    AllWorkersDown,
}
