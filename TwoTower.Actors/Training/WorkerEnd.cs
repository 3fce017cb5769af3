using Akka.Actor;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Training;

/// <summary>How a worker ends: it leaves without leaving anything undone, or it cannot go on, and says so until it is heard.</summary>
/// <param name="worker">The worker.</param>
/// <param name="batches">Its batches.</param>
/// <param name="trainer">Is told.</param>
/// <param name="stop">Stops the worker.</param>
internal sealed class WorkerEnd(WorkerId worker, WorkerBatches batches, IActorRef trainer, Action stop)
{
    private LeaseProtocol.Failed? _failure;
    private bool _draining;

    /// <summary>Whether it cannot go on.</summary>
    public bool HasFailed => _failure is not null;

    /// <summary>Whether it takes no more work.</summary>
    public bool IsNear => _draining || HasFailed;

    /// <summary>It is to finish what it has, and to leave.</summary>
    public void Drain(WorkerLife life)
    {
        _draining = true;
        LeaveIfDone(life);
    }

    /// <summary>Requests that nothing was given for yet do not hold it up: the trainer gives what it may
    /// have granted meanwhile to others.</summary>
    public void LeaveIfDone(WorkerLife life)
    {
        if (_draining && !HasFailed && batches.AreAllRecorded)
        {
            life.Leave();
            stop();
        }
    }

    /// <summary>It cannot go on. Only the first reason counts.</summary>
    public void Fail(WorkerLife life, WorkerFailure kind, string reason)
    {
        if (!HasFailed)
        {
            _failure = new LeaseProtocol.Failed(worker, life.Birth, kind, reason);
            batches.Drop();
            trainer.Tell(_failure);
        }
    }

    /// <summary>Says again why it cannot go on.</summary>
    /// <returns>Whether it cannot.</returns>
    public bool SaysAgain()
    {
        if (HasFailed)
        {
            trainer.Tell(_failure);
        }

        return HasFailed;
    }

    /// <summary>The trainer has heard it.</summary>
    public void Accept(LeaseProtocol.FailureRecorded recorded)
    {
        if (recorded.Birth == _failure?.Birth)
        {
            stop();
        }
    }
}
