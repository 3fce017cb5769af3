using System.Diagnostics;
using Akka.Actor;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Model.Losses;
using TwoTower.Model.Sampling;

namespace TwoTower.Actors.Training;

/// <summary>What a worker needs to compute batches by itself. The tools belong to its thread, the rest is shared and read only.</summary>
public sealed record WorkerBlueprint(
    TrainingOptions Options, HotRows Hot, Func<WorkerTools> Tools, Func<long> NextBirth, ITimedWork Work,
    IActorRef Trainer, IReadOnlyList<IActorRef> Shards)
{
    /// <summary>What the protocols show of themselves.</summary>
    public ProtocolProbe Probe { get; init; } = ProtocolProbe.None;
}

/// <summary>Asks for leases, pulls rows, computes gradients, pushes them, and reports a batch when every shard has applied it.</summary>
/// <remarks>Up to 1 + prefetch leases are asked for or pulling at a time; how many are being pushed is bounded too. Whatever is not answered is sent again: every message
/// here may be lost, doubled or late. Leases are computed in the order they were given.</remarks>
public sealed partial class WorkerActor : ReceiveActor, IWithTimers
{
    private readonly WorkerId _id;
    private readonly WorkerBlueprint _blueprint;
    private readonly TrainingOptions _options;
    private readonly BatchBuilder? _builder;
    private readonly IGradientKernel _kernel;
    private readonly int _slots;
    private readonly Stack<WorkerSlot> _free;
    private readonly WorkerTools _tools;
    private readonly ProtocolProbe _probe;
    private readonly RowCopies _userCopies;
    private readonly RowCopies _itemCopies;
    private readonly List<WorkerSlot> _pulling = [];
    private readonly List<WorkerSlot> _pushing = [];
    private readonly SortedDictionary<long, double> _requests = [];
    private readonly SortedDictionary<long, (BatchReport Report, double SentAt)> _reports = [];
    private long _birth;
    private WorkerSlot? _computing;
    private CrossBatchMemory? _memory;
    private bool _welcomed;
    private long _ordinal;
    private long _ticket;

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
        (_builder, _kernel, _free) = (_tools.Builder, _tools.Kernel, _tools.Free);
        _slots = _options.BatchesOnTheWay;
        Receive<LeaseProtocol.Welcome>(OnWelcome);
        Receive<LeaseProtocol.LeaseGranted>(OnLease);
        Receive<LeaseProtocol.RankingGiven>(OnRanking);
        Receive<LeaseProtocol.OfferAccepted>(OnAccepted);
        Receive<LeaseProtocol.OfferDeclined>(OnDeclined);
        Receive<LeaseProtocol.CompletionRecorded>(OnRecorded);
        Receive<LeaseProtocol.Unknown>(unknown => RejoinAfter(unknown.Birth));
        Receive<LeaseProtocol.FailureRecorded>(OnFailureRecorded);
        Receive<ParameterProtocol.Rows>(OnRows);
        Receive<ParameterProtocol.PushAck>(OnAck);
        Receive<StateProtocol.Recovered>(OnRecovered);
        Receive<ParameterProtocol.Fenced>(fenced => RejoinAfter(fenced.Birth));
        Receive<ParameterProtocol.Nack>(nack => Fail(WorkerFailure.CannotCompute, nack.Reason));
        Receive<Computed>(OnComputed);
        Receive<Status.Failure>(failure => Fail(WorkerFailure.CannotCompute, failure.Cause.Message));
        Receive<Retry>(_ => OnRetry());
        Receive<Drain>(_ => OnDrain());
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    private double Now => Context.System.Scheduler.MonotonicClock.TotalSeconds;

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
        _birth = _blueprint.NextBirth();
        _ordinal = 0;
        _ticket = ParameterProtocol.Pull.FirstTicket(_birth);
        _welcomed = false;
        Show(_computing is not null, ProtocolState.RejoinedWhileComputing);
        Show(_pushing.Count > 0, ProtocolState.RejoinedWhilePushing);
        Drop();
        _userCopies.Clear();
        _itemCopies.Clear();
        _memory = CrossBatchMemory.For(_options.Loss, _options.Model); // a batch of the last life may still be writing to the old one
        _blueprint.Trainer.Tell(new LeaseProtocol.Join(_id, _birth));
    }

    /// <summary>Forgets all that is asked for, on its way and to be reported.</summary>
    private void Drop()
    {
        foreach (var slot in _pulling.Concat(_offered).Concat(_pushing))
        {
            _free.Push(slot);
        }

        if (_computing is not null)
        {
            _free.Push(_computing);
            _computing = null;
        }

        _pulling.Clear();
        _offered.Clear();
        _pushing.Clear();
        _requests.Clear();
        _reports.Clear();
    }

    private void OnWelcome(LeaseProtocol.Welcome welcome)
    {
        if (welcome.Birth == _birth && !_welcomed)
        {
            _welcomed = true;
            AskForWork();
        }
    }

    /// <summary>A life has ended in the eyes of the trainer; if it is the present one, another begins. It may never have been welcomed: a trainer that was started again knows it as one of before.</summary>
    private void RejoinAfter(long birth)
    {
        if (birth == _birth && _failure is null)
        {
            Join();
        }
    }

    /// <summary>Batches that are asked for, being pulled or being computed.</summary>
    private int Ahead => _requests.Count + _pulling.Count + (_computing is null ? 0 : 1);

    private void AskForWork()
    {
        while (_welcomed && !_draining && _failure is null && Ahead < 1 + _options.Prefetch && Ahead + _offered.Count + _pushing.Count < _slots)
        {
            _requests.Add(++_ordinal, Now);
            _blueprint.Trainer.Tell(new LeaseProtocol.LeaseRequest(_id, _birth, _ordinal));
        }
    }

    private void OnLease(LeaseProtocol.LeaseGranted granted)
    {
        if (granted.Birth != _birth || !_requests.ContainsKey(granted.Ordinal) || !HasRankingFor(granted.Lease))
        {
            return;
        }

        _requests.Remove(granted.Ordinal);
        var start = Stopwatch.GetTimestamp();
        var slot = _tools.TakeSlot();
        slot.Begin(_builder, granted.Lease, granted.Ordinal, ++_ticket, Now, _userCopies, _itemCopies);
        _pulling.Add(slot);
        SendPulls(slot);
        slot.PullTicks += Stopwatch.GetTimestamp() - start;
        ComputeReady();
    }

    private void SendPulls(WorkerSlot slot)
    {
        slot.SentAt = Now;
        for (var shard = 0; shard < _blueprint.Shards.Count; shard++)
        {
            if (slot.Awaits(shard))
            {
                _blueprint.Shards[shard].Tell(slot.PullFrom(shard, _id));
            }
        }
    }

    private void OnRows(ParameterProtocol.Rows rows)
    {
        var start = Stopwatch.GetTimestamp();
        var slot = _pulling.Find(pulling => pulling.Ticket == rows.Ticket || (_probe.Plants(PlantedFault.LateRowsTaken) && pulling.Awaits(rows.Shard.Value)));
        if (slot is null)
        {
            _probe.Reached(rows.Ticket < _birth << 32 ? ProtocolState.RowsOfEarlierLife : ProtocolState.RowsOfEarlierBatch);
            rows.Return();
            return;
        }

        slot.Accept(rows);
        slot.PullTicks += Stopwatch.GetTimestamp() - start;
        ComputeReady();
    }

    private void ComputeReady()
    {
        if (_computing is not null || _pulling.Count == 0 || _pulling[0].Missing > 0 || RejoinIfExpired(_pulling[0]))
        {
            return;
        }

        var (slot, birth) = (_pulling[0], _birth);
        _pulling.RemoveAt(0);
        _computing = slot;
        slot.Plan.Memory = _memory;
        _blueprint.Work.Run(Self, WorkKind.Gradient, slot.Lease.Count, () => Compute(slot, birth));
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

    private Computed Compute(WorkerSlot slot, long birth)
    {
        var times = _kernel.Times;
        var (gather, gemm, softmax, gradient) = (times.Gather, times.Gemm, times.Softmax, times.Gradient);
        var loss = _kernel.Compute(slot.Plan, slot.Users, slot.Items, slot.UserGradient, slot.ItemGradient);
        var start = Stopwatch.GetTimestamp();
        if (_options.Optimizer.ClipNorm > 0)
        {
            GradientClipping.Clip(slot.LearnedUserGradient, slot.LearnedItemGradient, _options.Optimizer.ClipNorm);
        }

        return new Computed(birth, loss, new WorkerTimes(
            slot.PullTicks, times.Gather - gather, times.Gemm - gemm, times.Softmax - softmax,
            times.Gradient - gradient + Stopwatch.GetTimestamp() - start, 0));
    }

    private void OnComputed(Computed computed)
    {
        Show(computed.Birth != _birth, ProtocolState.GradientOfEarlierLife);
        if (computed.Birth != _birth || _computing is not { } slot || RejoinIfExpired(slot))
        {
            return;
        }

        if (!double.IsFinite(computed.Loss.LossSum))
        {
            Fail(WorkerFailure.LossNotFinite, $"the loss is no longer a finite number in epoch {slot.Lease.Epoch + 1}: lower optimizer.learningRate or staleness, or raise loss.temperature");
            return;
        }

        _computing = null;
        slot.Report = new BatchReport(slot.Lease.Batch, computed.Loss, slot.Lease.Count, 0, 0, computed.Times);
        if (slot.Lease.RoundSize == 0)
        {
            Offer(slot);
        }
        else
        {
            Push(slot);
        }

        AskForWork();
        ComputeReady();
    }

    private void Push(WorkerSlot slot)
    {
        var start = Stopwatch.GetTimestamp();
        slot.BeginPush();
        SendPushes(slot);
        slot.Report = slot.Report! with { Times = slot.Report.Times with { Push = Stopwatch.GetTimestamp() - start } };
        _pushing.Add(slot);
    }

    private void SendPushes(WorkerSlot slot)
    {
        slot.SentAt = Now;
        for (var shard = 0; shard < _blueprint.Shards.Count; shard++)
        {
            if (slot.Awaits(shard))
            {
                _blueprint.Shards[shard].Tell(slot.PushTo(shard, _id, _birth));
            }
        }
    }

    private void OnAck(ParameterProtocol.PushAck ack)
    {
        var slot = _pushing.Find(pushing => pushing.Lease.Batch == ack.Batch);
        if (slot is null)
        {
            return;
        }

        slot.Accept(ack);
        if (slot.Missing > (_probe.Plants(PlantedFault.ReportedEarly) && _blueprint.Shards.Count > 1 ? 1 : 0))
        {
            return;
        }

        _pushing.Remove(slot);
        _free.Push(slot);
        var report = slot.Report! with { StaleRows = slot.StaleRows, StalenessSum = slot.StalenessSum };
        _reports[slot.Ordinal] = (report, Now);
        _blueprint.Trainer.Tell(new LeaseProtocol.Completed(_id, _birth, slot.Ordinal, report));
        AskForWork();
    }

    private void Show(bool reached, ProtocolState state)
    {
        if (reached)
        {
            _probe.Reached(state);
        }
    }

    private sealed record Computed(long Birth, BatchLoss Loss, WorkerTimes Times) : INoSerializationVerificationNeeded;

    private sealed class Retry : INoSerializationVerificationNeeded
    {
        public static readonly Retry Instance = new();
    }
}
