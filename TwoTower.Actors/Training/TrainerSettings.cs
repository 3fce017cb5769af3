using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Actors.Training;

/// <summary>What a trainer decides by.</summary>
/// <param name="Options">The settings.</param>
/// <param name="Epochs">How the run is cut into batches.</param>
/// <param name="Layout">Which rows lie where.</param>
/// <param name="Shards">Shards.</param>
/// <param name="Saves">Whether there is somewhere to save checkpoints.</param>
/// <param name="Ranks">Whether every snapshot is ranked for negatives to be drawn from.</param>
/// <param name="LostReturn">Whether something starts lost workers, shards and evaluators again; where nothing does, a loss
/// that cannot be made up ends the run.</param>
/// <param name="Resume">The checkpoint to go on from, or null.</param>
/// <param name="RestoredBest">Report of its best snapshot, or null.</param>
internal sealed record TrainerSettings(
    TrainingOptions Options, EpochPlan Epochs, ParameterLayout Layout, int Shards, bool Saves, bool Ranks, bool LostReturn,
    TrainingCheckpoint? Resume = null, EvaluationReport? RestoredBest = null)
{
    /// <summary>Seconds of waiting for workers after which a person is told who is missing, for the first time.</summary>
    public const double StartNoticeSeconds = 10;

    /// <summary>What the protocols show of themselves.</summary>
    public ProtocolProbe Probe { get; init; } = ProtocolProbe.None;
}
