using Akka.Actor;
using Akka.Event;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Hosting;

/// <summary>An exception in any actor ends the run with its message instead of leaving everybody waiting.</summary>
internal sealed class FailureListener : ReceiveActor
{
    public FailureListener(TaskCompletionSource<TrainingOutcome> outcome)
    {
        Context.System.EventStream.Subscribe(Self, typeof(Error));
        Receive<Error>(error => error.Cause is not null, error => outcome.TrySetException(
            new TrainingException($"{error.LogSource.Split('/')[^1]} failed: {error.Cause.Message}", error.Cause)));
    }
}
