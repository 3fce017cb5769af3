using System.Diagnostics;
using Akka.Actor;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Model.Sampling;

namespace TwoTower.Actors.Training;

/// <summary>Asks for leases, pulls rows, computes gradients, pushes them, and reports a batch when every shard has applied it.</summary>
/// <remarks>Up to 1 + prefetch leases are asked for or pulling at a time; how many are being pushed is bounded too. Whatever is not
/// answered is sent again: every message here may be lost, doubled or late. Leases are computed in the order they were given. A worker that
/// cannot go on says so until it is heard, and stops.</remarks>
internal sealed class WorkerActor : ReceiveActor, IWithTimers
{
    private readonly WorkerId _id;
    private readonly WorkerBlueprint _blueprint;
    private readonly TrainingOptions _options;
    private readonly WorkerTools _tools;
    private readonly ProtocolProbe _probe;
    private readonly RowCopies _userCopies;
    private readonly RowCopies _itemCopies;
    private readonly GradientWork _gradient;
    private readonly WorkerBatches _batches;
    private readonly WorkerRepeats _repeats;
    private readonly WorkerRanking _ranking;
    private readonly WorkerEnd _end;
    private WorkerLife _life = null!;
    private CrossBatchMemory? _memory;

    /// <summary>A worker that joins when it starts.</summary>
    public WorkerActor(WorkerId id, WorkerBlueprint blueprint)
    {
        _id = id;
        _blueprint = blueprint;
        _options = blueprint.Options;
        _tools = blueprint.Tools();
        _probe = blueprint.Probe;
        _userCopies = new RowCopies(blueprint.Hot.Users, _options.Model.UserWidth, blueprint.Hot.RefreshClocks, _probe);
        _itemCopies = new RowCopies(blueprint.Hot.Items, _options.Model.ItemWidth, blueprint.Hot.RefreshClocks, _probe);
        _gradient = new GradientWork(blueprint.Work, _tools.Kernel, _options.Optimizer.ClipNorm);
        _batches = new WorkerBatches(_tools.Free);
        _repeats = new WorkerRepeats(_batches, _options.RetrySeconds, _probe);
        _ranking = new WorkerRanking(_tools.Builder, _options.Loss, _options.RetrySeconds, _probe);
        _end = new WorkerEnd(id, _batches, blueprint.Trainer, stop: () => Context.Stop(Self));
        Receive<LeaseProtocol.Welcome>(OnWelcome);
        Receive<LeaseProtocol.LeaseGranted>(OnLease);
        Receive<LeaseProtocol.RankingGiven>(OnRanking);
        Receive<LeaseProtocol.OfferAccepted>(OnAccepted);
        Receive<LeaseProtocol.OfferDeclined>(OnDeclined);
        Receive<LeaseProtocol.CompletionRecorded>(OnRecorded);
        Receive<LeaseProtocol.Unknown>(unknown => RejoinAfter(unknown.Birth));
        Receive<LeaseProtocol.FailureRecorded>(_end.Accept);
        Receive<ParameterProtocol.Rows>(OnRows);
        Receive<ParameterProtocol.PushAck>(OnAck);
        Receive<StateProtocol.Recovered>(recovered => _repeats.After(recovered, _life));
        Receive<ParameterProtocol.Fenced>(fenced => RejoinAfter(fenced.Birth));
        Receive<ParameterProtocol.Nack>(nack => _end.Fail(_life, WorkerFailure.CannotCompute, nack.Reason));
        Receive<GradientWork.Done>(OnComputed);
        Receive<Status.Failure>(failure => _end.Fail(_life, WorkerFailure.CannotCompute, failure.Cause.Message));
        Receive<Retry>(_ => OnRetry());
        Receive<Drain>(_ => _end.Drain(_life));
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    private static double Now => Context.System.Scheduler.MonotonicClock.TotalSeconds;

    /// <summary>Props of the actor.</summary>
    public static Props Props(WorkerId id, WorkerBlueprint blueprint) => Akka.Actor.Props.Create(() => new WorkerActor(id, blueprint));

    /// <inheritdoc />
    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(Retry), Retry.Instance, TimeSpan.FromSeconds(_options.RetrySeconds));
        Join();
    }

    /// <inheritdoc />
    protected override void PostStop() => _tools.Dispose();

    private void Join()
    {
        _life = new WorkerLife(_id, _blueprint.NextBirth(), _blueprint.Trainer, _blueprint.Shards);
        _probe.ReachedIf(_batches.Computing is not null, ProtocolState.RejoinedWhileComputing);
        _probe.ReachedIf(_batches.Pushing.Count > 0, ProtocolState.RejoinedWhilePushing);
        _batches.Drop();
        _userCopies.Clear();
        _itemCopies.Clear();
        _memory = CrossBatchMemory.For(_options.Loss, _options.Model); // a batch of the last life may still be writing to the old one
        _life.Join();
    }

    private void OnWelcome(LeaseProtocol.Welcome welcome)
    {
        if (welcome.Birth == _life.Birth && !_life.Welcomed)
        {
            _life.Welcomed = true;
            AskForWork();
        }
    }

    /// <summary>A life has ended in the eyes of the trainer; if it is the present one, another begins. It may never have been welcomed: a
    /// trainer that was started again knows it as one of before.</summary>
    private void RejoinAfter(long birth)
    {
        if (birth == _life.Birth && !_end.HasFailed)
        {
            Join();
        }
    }

    private void AskForWork()
    {
        while (_life.Welcomed && !_end.IsNear && _batches.WithoutGradient < 1 + _options.Prefetch
            && _batches.OnTheWay < _options.BatchesOnTheWay)
        {
            _batches.Requested.Add(_life.Ask());
        }
    }

    private void OnLease(LeaseProtocol.LeaseGranted granted)
    {
        if (granted.Birth != _life.Birth || !_batches.Requested.Contains(granted.Ordinal) || !_ranking.IsHereFor(granted.Lease, _life, Now))
        {
            return;
        }

        _batches.Requested.Remove(granted.Ordinal);
        var start = Stopwatch.GetTimestamp();
        var slot = _tools.TakeSlot();
        slot.Begin(_tools.Builder, granted.Lease, granted.Ordinal, _life.NextTicket(), Now, _userCopies, _itemCopies);
        _batches.Pulling.Add(slot);
        _life.Pull(slot, Now);
        slot.PullTicks += Stopwatch.GetTimestamp() - start;
        ComputeReady();
    }

    private void OnRanking(LeaseProtocol.RankingGiven given)
    {
        if (given.Birth == _life.Birth && _ranking.Take(given))
        {
            foreach (var ordinal in _batches.Requested)
            {
                _life.AskAgain(ordinal);
            }
        }
    }

    private void OnRows(ParameterProtocol.Rows rows)
    {
        var start = Stopwatch.GetTimestamp();
        var slot = _batches.Pulling.Find(pulling => pulling.Ticket == rows.Ticket
            || (_probe.Plants(PlantedFault.LateRowsTaken) && pulling.Awaits(rows.Shard.Value)));
        if (slot is null)
        {
            _probe.Reached(rows.Ticket < ParameterProtocol.Pull.FirstTicket(_life.Birth) ? ProtocolState.RowsOfEarlierLife
                : ProtocolState.RowsOfEarlierBatch);
            rows.Return();
            return;
        }

        slot.Accept(rows);
        slot.PullTicks += Stopwatch.GetTimestamp() - start;
        ComputeReady();
    }

    private void ComputeReady()
    {
        if (_batches.Computing is null && _batches.FirstPulled is { } slot && !RejoinIfExpired(slot))
        {
            _batches.Pulling.RemoveAt(0);
            _batches.Computing = slot;
            slot.Plan.Memory = _memory;
            _gradient.Begin(slot, _life.Birth, Self);
        }
    }

    /// <summary>The trainer has given an expired lease to another worker by now; pushing it would break the consistency bound.</summary>
    private bool RejoinIfExpired(WorkerSlot slot)
    {
        var expired = Now - slot.LeasedAt >= _options.LeaseSeconds;
        if (expired)
        {
            _probe.Reached(ProtocolState.LeaseRanOutAtWorker);
            Join();
        }

        return expired;
    }

    private void OnComputed(GradientWork.Done computed)
    {
        _probe.ReachedIf(computed.Birth != _life.Birth, ProtocolState.GradientOfEarlierLife);
        if (computed.Birth != _life.Birth || _batches.Computing is not { } slot || RejoinIfExpired(slot))
        {
            return;
        }

        if (!double.IsFinite(computed.Loss.LossSum))
        {
            _end.Fail(_life, WorkerFailure.LossNotFinite,
                $"the loss is no longer a finite number in epoch {slot.Lease.Epoch + 1}: lower optimizer.learningRate or staleness, or "
                + $"raise loss.temperature");
            return;
        }

        _batches.Computing = null;
        slot.Report = new BatchReport(slot.Lease.Batch, computed.Loss, slot.Lease.Count, 0, 0, computed.Times);
        if (slot.Lease.RoundSize == 0)
        {
            _batches.Offered.Add(slot);
            _life.Offer(slot, Now);
        }
        else
        {
            Push(slot);
        }

        AskForWork();
        ComputeReady();
    }

    private void OnAccepted(LeaseProtocol.OfferAccepted accepted)
    {
        if (accepted.Birth == _life.Birth && _batches.TakeOffered(accepted.Ordinal) is { } slot)
        {
            slot.Place(accepted.Lease);
            Push(slot);
        }
    }

    private void OnDeclined(LeaseProtocol.OfferDeclined declined)
    {
        if (declined.Birth == _life.Birth && _batches.TakeOffered(declined.Ordinal) is { } slot)
        {
            _probe.Reached(ProtocolState.GradientDeclined);
            _tools.Free.Push(slot);
            AskForWork();
        }
    }

    private void Push(WorkerSlot slot)
    {
        var start = Stopwatch.GetTimestamp();
        slot.BeginPush();
        _life.Push(slot, Now);
        slot.Report = slot.Report! with { Times = slot.Report.Times with { Push = Stopwatch.GetTimestamp() - start } };
        _batches.Pushing.Add(slot);
    }

    private void OnAck(ParameterProtocol.PushAck ack)
    {
        var slot = _batches.Pushing.Find(pushing => pushing.Lease.Batch == ack.Batch);
        if (slot is null)
        {
            return;
        }

        slot.Accept(ack);
        if (slot.Missing > (_probe.Plants(PlantedFault.ReportedEarly) && _blueprint.Shards.Count > 1 ? 1 : 0))
        {
            return;
        }

        _batches.Pushing.Remove(slot);
        _tools.Free.Push(slot);
        var report = slot.Report! with { StaleRows = slot.StaleRows, StalenessSum = slot.StalenessSum };
        _batches.Reported[slot.Ordinal] = (report, Now);
        _life.Report(slot.Ordinal, report);
        AskForWork();
    }

    private void OnRecorded(LeaseProtocol.CompletionRecorded recorded)
    {
        if (recorded.Birth == _life.Birth)
        {
            _batches.Reported.Remove(recorded.Ordinal);
            _end.LeaveIfDone(_life);
        }
    }

    private void OnRetry()
    {
        if (!_end.SaysAgain())
        {
            _end.LeaveIfDone(_life);
            _repeats.Overdue(_life, Now);
        }
    }

    /// <summary>Asks a worker to finish the batches that it has, to say that it leaves, and to stop.</summary>
    public sealed class Drain
    {
        /// <summary>The message.</summary>
        public static Drain Instance { get; } = new();
    }

    private sealed class Retry : INoSerializationVerificationNeeded
    {
        public static readonly Retry Instance = new();
    }
}
