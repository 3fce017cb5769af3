using Akka.Actor;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Work;

namespace TwoTower.Actors.Training;

/// <summary>What a worker needs to compute batches by itself. The tools belong to its thread, the rest is shared and read only.</summary>
internal sealed record WorkerBlueprint(
    TrainingOptions Options, HotRows Hot, Func<WorkerTools> Tools, Func<long> NextBirth, ITimedWork Work,
    IActorRef Trainer, IReadOnlyList<IActorRef> Shards)
{
    /// <summary>What the protocols show of themselves.</summary>
    public ProtocolProbe Probe { get; init; } = ProtocolProbe.None;
}
