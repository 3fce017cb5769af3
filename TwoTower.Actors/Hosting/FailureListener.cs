using Akka.Actor;
using Akka.Event;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Hosting;

/// <summary>An exception in an actor is not left unheard: one of a worker is the trainer's to judge, since others can compute its batches;
/// any other ends the run with its message.</summary>
internal sealed class FailureListener : ReceiveActor
{
    public FailureListener(TaskCompletionSource<TrainingOutcome> outcome)
    {
        Context.System.EventStream.Subscribe(Self, typeof(Error));
        Receive<Error>(error => error.Cause is not null, error =>
        {
            var name = error.LogSource.Split('/')[^1].Split('#')[0].TrimEnd(']');
            if (WorkerOf(name) is { } worker)
            {
                Context.ActorSelection($"/user/{NodeId.Trainer}*").Tell(new TrainerActor.Broke(worker, error.Cause.Message));
            }
            else
            {
                outcome.TrySetException(new TrainingException($"{name} failed: {error.Cause.Message}", error.Cause));
            }
        });
    }

    /// <summary>The worker of an actor's name; in a simulated world a life that was started again
    /// has its number behind the node's.</summary>
    private static WorkerId? WorkerOf(string name) =>
        NodeId.TryParse(string.Join('-', name.Split('-').Take(2)), out var node) && node.Role == NodeRole.Worker
            ? new WorkerId(node.Index) : null;
}
