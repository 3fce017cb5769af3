using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Actors.Training;

// Who is here: workers that join, are lost, cannot go on, and come back.
internal sealed partial class TrainerState
{
    private void OnJoin(LeaseProtocol.Join join)
    {
        var (worker, birth) = (join.Worker, join.Birth);
        var known = Record.Births.TryGetValue(worker.Value, out var last) ? last : (long?)null;
        if (birth < known)
        {
            return; // a life before the last; its message was late
        }

        if (birth == known && !_members.Knows(worker, birth))
        {
            Reach(_recovered, ProtocolState.JoinOfLifeBeforeCrash);
            Do(new TrainerEffect.Reply(new LeaseProtocol.Unknown(worker, birth))); // this life is over, and does not know it
            return;
        }

        if (birth != known)
        {
            End(worker);
            Keep(new JournalEntry.Joined(worker, birth));
            _members.Begin(worker, birth);
            Do(new TrainerEffect.Meet(worker, birth));
            if (Started)
            {
                Show(new TrainingEvent.Notice($"{worker} has joined.", NoticeKind.WorkerJoined));
            }
        }
        else if (_members.IsWelcomed(worker))
        {
            Do(new TrainerEffect.Reply(new LeaseProtocol.Welcome(worker, birth)));
        }

        WelcomeWaiting();
    }

    private void WelcomeWaiting()
    {
        foreach (var (worker, birth) in _members.Waiting)
        {
            _members.Welcome(worker);
            _ledger.Join(worker, _now);
            Do(new TrainerEffect.ToWorker(worker, new LeaseProtocol.Welcome(worker, birth)));
        }
    }

    /// <summary>A worker's present life is over: its requests lapse, and once no shard takes its pushes any more its batches go back. Until
    /// then they count as owed: a push of it may still be on its way, and a batch that two workers push at
    /// different clocks would break the bound.</summary>
    private void End(WorkerId worker)
    {
        if (_members.End(worker) is not { } birth)
        {
            return;
        }

        Do(new TrainerEffect.Part(worker));
        _parked.Remove(worker);
        foreach (var key in _granted.Keys.Where(key => key.Worker == worker).ToArray())
        {
            _granted.Remove(key);
        }

        if (_members.IsFencing(worker))
        {
            return; // an earlier life is still being fenced off, so this one was given nothing
        }

        if (!_ledger.Owes(worker))
        {
            _ledger.Remove(worker);
            return;
        }

        _ledger.Suspend(worker);
        foreach (var fence in _members.Fence(worker, birth))
        {
            Do(new TrainerEffect.ToShard(fence));
        }

        Reach(true, ProtocolState.LostWhileOwing);
        if (_settings.Probe.Plants(PlantedFault.FenceNotAwaited))
        {
            _ledger.Remove(worker);
        }
    }

    private void OnFenced(ParameterProtocol.Fenced fenced)
    {
        _ledger.Reach(fenced.FurthestClock);
        if (_members.Confirm(fenced))
        {
            Reach(_recovered && !Started, ProtocolState.FencedBeforeStart);
            Reach(_members.BirthOf(fenced.Worker) > fenced.Birth, ProtocolState.FencedWithNextLifeWaiting);
            _ledger.Remove(fenced.Worker);
            WelcomeWaiting();
            _serve = true;
        }
    }

    private void OnWorkerLost(WorkerId worker)
    {
        if (_members.BirthOf(worker) is null)
        {
            return;
        }

        End(worker);
        Show(new TrainingEvent.Notice($"{worker} is lost; its batches go to the others.", NoticeKind.WorkerLost));
        if (_members.Count == 0 && !_settings.LostReturn)
        {
            Fail("All workers are lost.");
        }

        _serve = true;
    }

    private void OnLeave(LeaseProtocol.Leave leave)
    {
        if (_members.Knows(leave.Worker, leave.Birth))
        {
            End(leave.Worker);
            Show(new TrainingEvent.Notice($"{leave.Worker} has left.", NoticeKind.WorkerLeft));
            _serve = true;
        }
    }

    private void OnFailed(LeaseProtocol.Failed failed)
    {
        Do(new TrainerEffect.Reply(new LeaseProtocol.FailureRecorded(failed.Worker, failed.Birth)));
        if (failed.Kind == WorkerFailure.LossNotFinite)
        {
            Fail($"{failed.Worker} stopped: {failed.Reason.TrimEnd('.')}.");
        }
        else if (_members.BirthOf(failed.Worker) is not { } present || present == failed.Birth)
        {
            OnWorkerBroke(failed.Worker, failed.Reason);
        }
    }

    /// <summary>A worker cannot compute. Training goes on with the others; when there are none it ends.</summary>
    private void OnWorkerBroke(WorkerId worker, string reason)
    {
        var wasHere = _members.BirthOf(worker) is not null;
        End(worker);
        _members.NoteUnable(worker);
        if (_members.Count == 0 && ((wasHere && Started) || _members.Unable >= _options.Workers))
        {
            Fail($"{worker}, the last worker, cannot go on: {reason.TrimEnd('.')}.");
        }
        else if (wasHere)
        {
            Show(new TrainingEvent.Notice($"{worker} cannot go on ({reason.TrimEnd('.')}); its batches go to the others.",
                NoticeKind.WorkerLost));
        }

        _serve = true;
    }
}
