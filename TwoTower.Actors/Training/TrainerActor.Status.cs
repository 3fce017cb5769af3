using Akka.Actor;

namespace TwoTower.Actors.Training;

// How far training is, for whoever asks on this node.
public sealed partial class TrainerActor
{
    private void OnDescribe() => Sender.Tell(new TrainingStatus(
        _ended ? TrainingPhase.Ended : !_started ? TrainingPhase.Waiting : AtBoundary ? TrainingPhase.Boundary : TrainingPhase.Training,
        _ledger.Completed,
        _epochs.TotalBatches,
        _epochs.EpochOf(Math.Min(_ledger.Completed, _epochs.TotalBatches - 1)) + 1,
        _options.Epochs,
        _started ? _epochExamples / Math.Max(1e-9, Now - _epochStartedAt) : 0,
        _run.Examples > 0 ? _run.LatestLoss : null,
        _options.Workers,
        _ledger.Describe(Now)));

    /// <summary>Asks how far training is; the answer is a <see cref="TrainingStatus"/>. Both stay within one actor system: they have no form on the wire.</summary>
    public sealed record Describe
    {
        /// <summary>The message.</summary>
        public static Describe Instance { get; } = new();
    }
}
