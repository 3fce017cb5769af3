using Akka.Actor;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Training;

// How a worker leaves without leaving anything undone.
public sealed partial class WorkerActor
{
    private bool _draining;

    private void OnDrain()
    {
        _draining = true;
        LeaveIfDone();
    }

    private void OnRecorded(LeaseProtocol.CompletionRecorded recorded)
    {
        if (recorded.Birth == _birth)
        {
            _reports.Remove(recorded.Ordinal);
            LeaveIfDone();
        }
    }

    /// <summary>Requests that nothing was given for yet do not hold it up: the trainer gives what it may have granted meanwhile to others.</summary>
    private void LeaveIfDone()
    {
        if (_draining && _failure is null && _pulling.Count + _offered.Count + _pushing.Count + _reports.Count == 0 && _computing is null)
        {
            _blueprint.Trainer.Tell(new LeaseProtocol.Leave(_id, _birth));
            Context.Stop(Self);
        }
    }

    /// <summary>Asks a worker to finish the batches that it has, to say that it leaves, and to stop.</summary>
    public sealed class Drain
    {
        /// <summary>The message.</summary>
        public static Drain Instance { get; } = new();
    }
}
