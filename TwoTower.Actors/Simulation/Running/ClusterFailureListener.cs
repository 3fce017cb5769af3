using Akka.Actor;
using Akka.Event;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Simulation.Clusters;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Simulation.Running;

/// <summary>An exception in any actor ends the run with its message, but for a shard's, which its region starts again.</summary>
internal sealed class ClusterFailureListener : ReceiveActor
{
    public ClusterFailureListener(TaskCompletionSource<TrainingOutcome> outcome)
    {
        Context.System.EventStream.Subscribe(Self, typeof(Error));
        Receive<Error>(error => error.Cause is not null && !error.LogSource.Contains($"/{RegionActor.Name}/", StringComparison.Ordinal),
            error => outcome.TrySetException(
                new TrainingException($"{error.LogSource.Split("/user/")[^1]} failed: {error.Cause.Message}", error.Cause)));
    }
}
