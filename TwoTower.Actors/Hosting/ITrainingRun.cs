using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Actors.Hosting;

/// <summary>Everything the actors of one run share: with data and gradients, or with sizes alone.</summary>
internal interface ITrainingRun
{
    /// <summary>The settings.</summary>
    TrainingOptions Options { get; }

    /// <summary>The options, data and checkpoints.</summary>
    TrainingPlan Plan { get; }

    /// <summary>How the run is cut into batches.</summary>
    EpochPlan Epochs { get; }

    /// <summary>Which rows lie where; without rows where they are only counted.</summary>
    ParameterLayout Layout { get; }

    /// <summary>Which rows workers keep copies of.</summary>
    HotRows Hot { get; }

    /// <summary>What every shard is made from.</summary>
    ShardBlueprint ShardBlueprint { get; }

    /// <summary>Where shards that share the trainer's process let it look at what they count; null where nobody looks.</summary>
    ShardBoard? Board => null;

    /// <summary>Users that an evaluation ranks for.</summary>
    int ValidationUsers { get; }

    /// <summary>Receives events, or null.</summary>
    IProgress<TrainingEvent>? Progress { get; }

    /// <summary>Is told the end.</summary>
    TaskCompletionSource<TrainingOutcome> Outcome { get; }

    /// <summary>What the run's protocols show of themselves.</summary>
    ProtocolProbe Probe => ProtocolProbe.None;

    /// <summary>Numbers the lives of workers.</summary>
    long NextBirth();

    /// <summary>Tools for one worker, or for all that share a thread.</summary>
    /// <param name="shared">Whether they are shared.</param>
    WorkerTools Tools(bool shared);

    /// <summary>The vectors that score, made from raw parameters.</summary>
    TwoTowerEmbeddings ToEmbeddings(ModelSnapshot snapshot);

    /// <summary>Ranks a snapshot for every user, for negatives to be drawn from.</summary>
    RankedNegatives Rank(ModelSnapshot snapshot);

    /// <summary>Scores a snapshot on validation.</summary>
    EvaluationReport Score(ModelSnapshot snapshot, double epoch);

    /// <summary>The checkpoint's best snapshot, scored again, or null.</summary>
    EvaluationReport? RestoredBest();
}
