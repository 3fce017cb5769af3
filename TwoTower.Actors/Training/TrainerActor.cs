using Akka.Actor;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Actors.Training;

/// <summary>What a trainer needs.</summary>
/// <param name="Plan">Options, data and checkpoints.</param>
/// <param name="Epochs">How the run is cut into batches.</param>
/// <param name="Layout">Which rows lie where.</param>
/// <param name="Shards">The shards.</param>
/// <param name="Evaluator">The evaluator.</param>
/// <param name="ToEmbeddings">The vectors that score, made from raw parameters.</param>
/// <param name="Work">Where checkpoints are written.</param>
/// <param name="LostReturn">Whether something starts lost workers, shards and evaluators again; where nothing does, a loss that cannot be made up ends the run.</param>
/// <param name="Journal">What this trainer, or one before it on the same run, has written down; null for one that is not started again.</param>
/// <param name="RestoredBest">Report of the checkpoint's best snapshot, or null.</param>
/// <param name="Progress">Receives events.</param>
/// <param name="Outcome">Is told the end.</param>
public sealed record TrainerBlueprint(
    TrainingPlan Plan, EpochPlan Epochs, ParameterLayout Layout, IReadOnlyList<IActorRef> Shards, IActorRef Evaluator,
    Func<ModelSnapshot, TwoTowerEmbeddings> ToEmbeddings, ITimedWork Work, bool LostReturn, ITrainerJournal? Journal, EvaluationReport? RestoredBest, IProgress<TrainingEvent>? Progress, TaskCompletionSource<TrainingOutcome> Outcome)
{
    /// <summary>Ranks a snapshot for every user; null where no negatives are drawn from there.</summary>
    public Func<ModelSnapshot, RankedNegatives>? Rank { get; init; }

    /// <summary>What the shards count, where all of them are in this process; null where they are not and have to be asked.</summary>
    public ShardBoard? Board { get; init; }

    /// <summary>Whether time is the wall clock's. Progress is told a few times a second there, and so many times a run where it is not.</summary>
    public bool RealTime { get; init; } = true;
}

/// <summary>The coordinator: leases batches, pauses at boundaries for snapshots and checkpoints, stops when it is time.</summary>
/// <remarks>At a boundary no batch is in flight, so every shard is at the same step and what is read there is a cut. Training goes on as soon as the shards have
/// been read; the metrics come later. To be repeatable, the verdict on the evaluation of one boundary takes effect at the next boundary, whenever the
/// metrics arrived.</remarks>
public sealed partial class TrainerActor : ReceiveActor, IWithTimers
{
    private readonly TrainerBlueprint _blueprint;
    private readonly TrainingOptions _options;
    private readonly EpochPlan _epochs;
    private readonly WorkLedger _ledger;
    private readonly RunState _run;
    private readonly Dictionary<(WorkerId Worker, long Ordinal), Lease> _granted = [];
    private readonly List<(WorkerId Worker, long Ordinal)> _parked = [];
    private bool _started;
    private bool _ended;
    private double _startedAt;
    private double _epochStartedAt;
    private long _epochExamples;

    /// <summary>A trainer that begins when all workers have joined.</summary>
    public TrainerActor(TrainerBlueprint blueprint)
    {
        _blueprint = blueprint;
        _options = blueprint.Plan.Options;
        _epochs = blueprint.Epochs;
        var resume = blueprint.Plan.Resume;
        _ledger = new WorkLedger(_epochs, _options.LeaseConsistency, _options.LeaseSeconds, resume?.Step ?? 0);
        _run = new RunState(_epochs, resume);
        _answers = new ShardAnswers(blueprint.Shards.Count);
        _counts = (ShardCounts?)blueprint.Board ?? _answers;
        _earlyStopping = new EarlyStopping(_options.Patience, _options.MinDelta);
        RestoreEvaluations(resume);
        _ranking = resume?.Ranking;

        Receive<LeaseProtocol.Join>(OnJoin);
        Receive<ParameterProtocol.Fenced>(OnFenced);
        Receive<StateProtocol.Standing>(OnStanding);
        Receive<StateProtocol.Counted>(counted => _answers.Take(counted));
        Receive<LeaseProtocol.LeaseRequest>(OnLeaseRequest);
        Receive<LeaseProtocol.Offer>(OnOffer);
        Receive<LeaseProtocol.Completed>(OnCompleted);
        Receive<LeaseProtocol.RankingRequest>(OnRankingRequest);
        Receive<Ranked>(OnRanked);
        Receive<LeaseProtocol.Leave>(OnLeave);
        Receive<Lost>(lost => Lose(lost.Worker));
        Receive<LeaseProtocol.Failed>(failed => Fail($"{failed.Worker} stopped: {failed.Reason}."));
        Receive<SnapshotProtocol.Taken>(OnTaken);
        Receive<SnapshotProtocol.Evaluated>(OnEvaluated);
        Receive<SnapshotProtocol.Failed>(OnEvaluationFailed);
        Receive<StateProtocol.Image>(OnImage);
        Receive<CheckpointSaved>(OnCheckpointSaved);
        Receive<Status.Failure>(failure => Fail($"The checkpoint could not be saved: {failure.Cause.Message}"));
        Receive<Terminated>(OnTerminated);
        Receive<Stop>(_ => OnStop());
        Receive<Tick>(_ => OnTick());
        Receive<Describe>(_ => OnDescribe());
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    private double Now => Context.System.Scheduler.MonotonicClock.TotalSeconds;

    /// <summary>Props of the actor.</summary>
    public static Props Props(TrainerBlueprint blueprint) => Akka.Actor.Props.Create(() => new TrainerActor(blueprint));

    /// <inheritdoc />
    protected override void PostStop()
    {
        if (!_blueprint.LostReturn)
        {
            _blueprint.Outcome.TrySetException(new TrainingException("The trainer stopped before training had ended."));
        }
    }

    private void OnLeaseRequest(LeaseProtocol.LeaseRequest request)
    {
        if (!Knows(request.Worker, request.Birth))
        {
            Sender.Tell(new LeaseProtocol.Unknown(request.Worker, request.Birth));
            return;
        }

        _ledger.Seen(request.Worker, Now);
        var key = (request.Worker, request.Ordinal);
        if (_workers[request.Worker.Value].Answered.Contains(request.Ordinal) && !_granted.ContainsKey(key))
        {
            return; // a late repetition of a request whose batch is complete
        }

        if (_granted.TryGetValue(key, out var lease))
        {
            Sender.Tell(new LeaseProtocol.LeaseGranted(request.Worker, request.Birth, request.Ordinal, lease));
        }
        else if (!_parked.Contains(key) && !TryGrant(key))
        {
            _parked.Add(key);
        }
    }

    private bool TryGrant((WorkerId Worker, long Ordinal) key)
    {
        if (_ended || !_started || _ledger.TryLease(key.Worker, Now) is not { } lease)
        {
            return false;
        }

        _granted.Add(key, lease);
        var life = _workers[key.Worker.Value];
        life.Answered.Add(key.Ordinal);
        life.Ref.Tell(new LeaseProtocol.LeaseGranted(key.Worker, life.Birth, key.Ordinal, lease));
        return true;
    }

    private void ServeParked()
    {
        for (var n = 0; n < _parked.Count;)
        {
            if (TryGrant(_parked[n]))
            {
                _parked.RemoveAt(n);
            }
            else
            {
                n++;
            }
        }
    }

    private void OnOffer(LeaseProtocol.Offer offer)
    {
        if (!Knows(offer.Worker, offer.Birth))
        {
            Sender.Tell(new LeaseProtocol.Unknown(offer.Worker, offer.Birth));
            return;
        }

        _ledger.Seen(offer.Worker, Now);
        var key = (offer.Worker, offer.Ordinal);
        if (_granted.TryGetValue(key, out var held) && _ledger.Offer(offer.Worker, held.Batch, held.Clock) is { } lease)
        {
            if (held.RoundSize == 0)
            {
                Journal(new JournalEntry.Accepted(lease));
            }

            _granted[key] = lease;
            Sender.Tell(new LeaseProtocol.OfferAccepted(offer.Worker, offer.Birth, offer.Ordinal, lease));
        }
        else
        {
            _granted.Remove(key);
            Sender.Tell(new LeaseProtocol.OfferDeclined(offer.Worker, offer.Birth, offer.Ordinal));
        }

        ServeParked();
    }

    private void OnCompleted(LeaseProtocol.Completed completed)
    {
        _ledger.Seen(completed.Worker, Now);
        if (Knows(completed.Worker, completed.Birth))
        {
            // Only the holder's own word ends a grant: when another has completed the batch, the holder may not even have received its lease.
            _granted.Remove((completed.Worker, completed.Ordinal));
        }

        // Even from a worker that is no longer known: every shard has applied the batch.
        var isNew = _ledger.Complete(completed.Report.Batch);
        if (isNew)
        {
            Journal(new JournalEntry.Completed(completed.Report));
        }

        Sender.Tell(new LeaseProtocol.CompletionRecorded(completed.Worker, completed.Birth, completed.Ordinal));
        if (!isNew)
        {
            return;
        }

        _run.Record(completed.Report);
        _epochExamples += completed.Report.Examples;
        Count(completed.Worker);
        TellProgress(atOnce: EndEpochs());
        if (_ledger.Drained)
        {
            ReachBoundary();
        }
        else
        {
            ServeParked();
        }
    }

    private void OnStop()
    {
        _stopRequested = true;
        if (!_started || _ended || AtBoundary)
        {
            return;
        }

        _ledger.CloseSoon();
        if (_ledger.Drained)
        {
            ReachBoundary();
        }
    }

    private void Fail(string reason)
    {
        if (!_ended)
        {
            _ended = true;
            _blueprint.Outcome.TrySetException(new TrainingException(reason));
        }
    }

    /// <summary>Asks for a clean stop: batches in flight are finished, the state is saved.</summary>
    public sealed record Stop
    {
        /// <summary>The message.</summary>
        public static Stop Instance { get; } = new();
    }

    /// <summary>A failure detector has lost sight of a worker.</summary>
    public sealed record Lost(WorkerId Worker);

    private sealed class Tick : INoSerializationVerificationNeeded
    {
        public static readonly Tick Instance = new();
    }

    private sealed record CheckpointSaved(long Step) : INoSerializationVerificationNeeded;
}
