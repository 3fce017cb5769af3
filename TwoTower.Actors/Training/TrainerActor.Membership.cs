using Akka.Actor;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Training;

// Who is here: workers that join, are lost, and come back.
public sealed partial class TrainerActor
{
    private readonly SortedDictionary<int, Life> _workers = [];
    private readonly SortedDictionary<int, FenceInProgress> _fences = [];

    /// <inheritdoc />
    protected override void PreStart()
    {
        foreach (var shard in _blueprint.Shards)
        {
            Context.Watch(shard);
        }

        Context.Watch(_blueprint.Evaluator);
        Recover();
        SendFences();
        Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, TimeSpan.FromSeconds(Math.Min(_options.RetrySeconds, _options.LeaseSeconds / 4)));
    }

    private bool Knows(WorkerId worker, long birth) => _workers.TryGetValue(worker.Value, out var known) && known.Birth == birth;

    private void OnJoin(LeaseProtocol.Join join)
    {
        if (_ended || (_workers.TryGetValue(join.Worker.Value, out var known) && known.Birth > join.Birth))
        {
            return; // a life that is over; its message was late
        }

        if (known?.Birth != join.Birth)
        {
            Forget(join.Worker);
            Journal(new JournalEntry.Joined(join.Worker, join.Birth));
            _workers[join.Worker.Value] = new Life(join.Birth, Sender);
            Context.Watch(Sender);
            if (_started)
            {
                _blueprint.Progress?.Report(new TrainingEvent.Notice($"{join.Worker} has joined.", NoticeKind.WorkerJoined));
            }
        }

        if (!_fences.ContainsKey(join.Worker.Value))
        {
            Welcome(join.Worker);
        }
    }

    private void Welcome(WorkerId worker)
    {
        if (!_workers.TryGetValue(worker.Value, out var life))
        {
            return;
        }

        _ledger.Join(worker, Now);
        life.Ref.Tell(new LeaseProtocol.Welcome(worker, life.Birth));
        if (_started || _workers.Count < _options.Workers)
        {
            return;
        }

        _started = true;
        _startedAt = _epochStartedAt = Now;
        Journal(new JournalEntry.Started(_startedAt));
        if (_ledger.Completed >= _epochs.TotalBatches || _earlyStopping.ShouldStop)
        {
            ReachBoundary();
        }
        else
        {
            GoOn();
        }
    }

    /// <summary>A life of a worker is over: its requests lapse, and once no shard takes its pushes any more its batches go back. Until then they count as owed: a push
    /// of it may still be on its way, and a batch that two workers push at different clocks would break the bound.</summary>
    private void Forget(WorkerId worker)
    {
        if (!_workers.Remove(worker.Value, out var known))
        {
            return;
        }

        Context.Unwatch(known.Ref);
        _parked.RemoveAll(parked => parked.Worker == worker);
        foreach (var key in _granted.Keys.Where(key => key.Worker == worker).ToArray())
        {
            _granted.Remove(key);
        }

        if (_fences.ContainsKey(worker.Value) || !_ledger.Owes(worker))
        {
            EndFence(worker, known.Birth);
            return;
        }

        _ledger.Suspend(worker);
        _fences.Add(worker.Value, Fencing(known.Birth));
        SendFences();
    }

    private FenceInProgress Fencing(long birth) => new(birth, [.. Enumerable.Range(0, _blueprint.Shards.Count)]);

    private void SendFences()
    {
        foreach (var (worker, fence) in _fences)
        {
            foreach (var shard in fence.Awaited)
            {
                _blueprint.Shards[shard].Tell(new ParameterProtocol.Fence(new ShardId(shard), new WorkerId(worker), fence.Birth));
            }
        }
    }

    private void OnFenced(ParameterProtocol.Fenced fenced)
    {
        _ledger.Reach(fenced.FurthestClock);
        if (_fences.TryGetValue(fenced.Worker.Value, out var fence) && fence.Birth == fenced.Birth && fence.Awaited.Remove(fenced.Shard.Value) && fence.Awaited.Count == 0)
        {
            EndFence(fenced.Worker, fence.Birth);
            if (_started)
            {
                ServeParked();
            }
        }
    }

    private void EndFence(WorkerId worker, long birth)
    {
        if (_fences.TryGetValue(worker.Value, out var fence) && (fence.Birth != birth || fence.Awaited.Count > 0))
        {
            return; // an earlier life is still being fenced off
        }

        _fences.Remove(worker.Value);
        _ledger.Remove(worker);
        Welcome(worker);
    }

    private void OnTerminated(Terminated terminated)
    {
        if (_ended)
        {
            return;
        }

        var worker = _workers.Where(pair => pair.Value.Ref.Equals(terminated.ActorRef)).Select(pair => (WorkerId?)new WorkerId(pair.Key)).FirstOrDefault();
        if (worker is not { } lost)
        {
            if (!_blueprint.LostReturn)
            {
                Fail($"{terminated.ActorRef.Path.Name} has stopped; training cannot go on without it.");
            }

            return;
        }

        Lose(lost);
    }

    private void Lose(WorkerId lost)
    {
        if (_ended || !_workers.ContainsKey(lost.Value))
        {
            return;
        }

        Forget(lost);
        _blueprint.Progress?.Report(new TrainingEvent.Notice($"{lost} is lost; its batches go to the others.", NoticeKind.WorkerLost));
        if (_workers.Count == 0 && !_blueprint.LostReturn)
        {
            Fail("All workers are lost.");
        }
        else
        {
            ServeParked();
        }
    }

    private void OnLeave(LeaseProtocol.Leave leave)
    {
        if (!_ended && Knows(leave.Worker, leave.Birth))
        {
            Forget(leave.Worker);
            _blueprint.Progress?.Report(new TrainingEvent.Notice($"{leave.Worker} has left.", NoticeKind.WorkerLeft));
            ServeParked();
        }
    }

    private void OnTick()
    {
        if (_ended || !_started)
        {
            return;
        }

        InquireShards();
        SendFences();
        if (AtBoundary)
        {
            RepeatBoundaryRequests();
            return;
        }

        foreach (var worker in _ledger.Overdue(Now))
        {
            Forget(worker);
            _blueprint.Progress?.Report(new TrainingEvent.Notice($"{worker} let its lease expire; its batches go to the others.", NoticeKind.LeaseExpired));
        }

        ServeParked();
    }

    /// <summary>A worker from one join to the next.</summary>
    private sealed record Life(long Birth, IActorRef Ref)
    {
        /// <summary>Ordinals (from 1) of the requests that have been given a lease.</summary>
        public BatchSet Answered { get; } = new(1);
    }

    /// <summary>A life that is being fenced off, and the shards that have not confirmed it.</summary>
    private sealed record FenceInProgress(long Birth, SortedSet<int> Awaited);
}
