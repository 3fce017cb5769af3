using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Actors.Training;

/// <summary>The trainer without actors: leases batches, pauses at boundaries for snapshots and checkpoints, stops when it is time.
/// Synchronous; it sends nothing and asks no clock.</summary>
/// <remarks>
/// <para>What must outlive a crash is in <see cref="Record"/>, and only entries of the journal change it. Everything else here (leases,
/// requests, fences on their way, images) may be lost: a trainer begins with none of it, for the first time as after a crash, and there is
/// one way to begin, so a crash costs time, and at most a checkpoint that was still being written: that is said.</para>
/// <para>At a boundary no batch is in flight, so every shard is at the same step and what is read there is a cut. Training goes on as soon
/// as the shards have been read; the metrics come later. To be repeatable, the verdict on the evaluation of one boundary takes effect at
/// the next boundary, whenever the metrics arrived.</para>
/// </remarks>
internal sealed partial class TrainerState
{
    private readonly TrainerSettings _settings;
    private readonly TrainingOptions _options;
    private readonly EpochPlan _epochs;
    private readonly BoundarySchedule _schedule;
    private readonly WorkLedger _ledger;
    private readonly Membership _members;
    private readonly bool _recovered;
    private readonly TrainerDecision _decision = new();
    private double _now;
    private double _startedAt;
    private bool _begun;
    private bool _serve;

    /// <summary>A trainer that begins, for the first time or after a crash.</summary>
    /// <param name="settings">What it decides by.</param>
    /// <param name="journal">What trainers before it on the same run have written down, oldest first.</param>
    public TrainerState(TrainerSettings settings, IEnumerable<JournalEntry> journal)
    {
        (_settings, _options, _epochs) = (settings, settings.Options, settings.Epochs);
        _schedule = new BoundarySchedule(_options, _epochs, settings.Saves);
        Record = new TrainerRecord(_epochs, _options, settings.Resume, settings.RestoredBest);
        foreach (var entry in journal)
        {
            Record.Apply(entry);
        }

        _recovered = !Record.IsNew;
        _members = new Membership(settings.Shards, settings.Probe.Plants(PlantedFault.RecoveredLivesNotFenced)
            ? new SortedDictionary<int, long>() : Record.Births);
        _ledger = new WorkLedger(_epochs, _options.LeaseConsistency, _options.LeaseSeconds, Record.Completed, Record.Accepted);
        if (Started && Record.Boundary is null)
        {
            Open();
        }
    }

    /// <summary>What must not be lost.</summary>
    public TrainerRecord Record { get; }

    /// <summary>When training began, by the clock that the trainer is told (seconds).</summary>
    public double StartedAt => _startedAt;

    /// <summary>Whether the run is over for this trainer.</summary>
    public bool Ended { get; private set; }

    /// <summary>Whether all workers had joined once.</summary>
    public bool Started => Record.StartedAt is not null;

    /// <summary>Batches complete from the first on without a gap.</summary>
    public long Completed => _ledger.Completed;

    /// <summary>Batches whose gradient was too late for its round of backup workers.</summary>
    public long Late => _ledger.Late;

    /// <summary>What is going on.</summary>
    public TrainingPhase Phase => Ended ? TrainingPhase.Ended : !Started ? TrainingPhase.Waiting : Record.Boundary is not null
        ? TrainingPhase.Boundary : TrainingPhase.Training;

    /// <summary>How many workers there are to describe.</summary>
    public int Here => _ledger.Here;

    /// <summary>The workers that take part, their clocks and their leases.</summary>
    /// <param name="now">Seconds of the clock that the trainer is told.</param>
    public IReadOnlyList<WorkerStatus> Describe(double now)
    {
        SeeWhoWaits();
        return _ledger.Describe(now);
    }

    /// <summary>What is to be written down and done because of an input. The decision is good until the next input.</summary>
    /// <param name="input">A message to the trainer, or a <see cref="TrainerInput"/>. The first of a life is a
    /// <see cref="TrainerInput.Tick"/>.</param>
    /// <param name="now">Seconds of a clock that never goes back.</param>
    public TrainerDecision Decide(object input, double now)
    {
        _now = now;
        _decision.Entries.Clear();
        _decision.Effects.Clear();
        _serve = false;
        if (!_begun)
        {
            Begin();
        }

        if (!Ended)
        {
            Take(input);
            Advance();
        }
        else if (input is LeaseProtocol.Completed completed)
        {
            Do(new TrainerEffect.Reply(new LeaseProtocol.CompletionRecorded(completed.Worker, completed.Birth, completed.Ordinal)));
        }
        else if (input is LeaseProtocol.Failed failed)
        {
            Do(new TrainerEffect.Reply(new LeaseProtocol.FailureRecorded(failed.Worker, failed.Birth)));
        }

        return _decision;
    }

    private void Take(object input)
    {
        switch (input)
        {
            case LeaseProtocol.LeaseRequest request: OnLeaseRequest(request); break;
            case LeaseProtocol.Completed completed: OnCompleted(completed); break;
            case LeaseProtocol.Offer offer: OnOffer(offer); break;
            case LeaseProtocol.RankingRequest request: OnRankingRequest(request); break;
            case LeaseProtocol.Join join: OnJoin(join); break;
            case LeaseProtocol.Leave leave: OnLeave(leave); break;
            case LeaseProtocol.Failed failed: OnFailed(failed); break;
            case ParameterProtocol.Fenced fenced: OnFenced(fenced); break;
            case StateProtocol.Standing standing: OnStanding(standing); break;
            case StateProtocol.Image image: OnImage(image); break;
            case SnapshotProtocol.Taken taken: OnTaken(taken); break;
            case SnapshotProtocol.Evaluated evaluated: OnEvaluated(evaluated); break;
            case SnapshotProtocol.Failed failed: OnEvaluationFailed(failed); break;
            case TrainerInput.Tick: OnTick(); break;
            case TrainerInput.StartAwaited: OnStartAwaited(); break;
            case TrainerInput.Stop: OnStop(); break;
            case TrainerInput.WorkerLost lost: OnWorkerLost(lost.Worker); break;
            case TrainerInput.WorkerBroke broke: OnWorkerBroke(broke.Worker, broke.Reason); break;
            case TrainerInput.PeerLost lost
                when !_settings.LostReturn:
                Fail($"{lost.Name} has stopped; training cannot go on without it."); break;
            case TrainerInput.ShardBegan began: OnShardBegan(began.Shard); break;
            case TrainerInput.SnapshotRanked ranked: OnRanked(ranked); break;
            case TrainerInput.RankingFailed failed: Fail($"The snapshot at batch {failed.Step} cannot be ranked: {failed.Reason}"); break;
            case TrainerInput.CheckpointSaved saved: OnSaved(saved); break;
            case TrainerInput.SavingFailed failed:
                Fail(
                $"The checkpoint at batch {failed.Step} could not be saved: {failed.Reason}"); break;
        }
    }

    /// <summary>What a life of a trainer begins with: fences of the lives that a trainer before it knew.</summary>
    private void Begin()
    {
        _begun = true;
        _startedAt = Math.Min(Record.StartedAt ?? _now, _now); // another machine's clock begins elsewhere
        _waitingSince = _now;
        if (!_recovered)
        {
            return;
        }

        _settings.Probe.Reached(
            !Started ? ProtocolState.RecoveredBeforeStart
            : Record.Boundary is not null ? ProtocolState.RecoveredAtBoundary
            : _ledger.Completed == Record.LeftAt ? ProtocolState.RecoveredAfterLeavingBoundary
            : ProtocolState.RecoveredBetweenBoundaries);
        Reach(Record.Accepted.Count > 0, ProtocolState.RecoveredInsideBackupRound);
        Reach(Record.Scoring is not null, ProtocolState.RecoveredWhileScoring);
        Reach(Record.Completed.Gaps > 0, ProtocolState.RecoveredWithGaps);
        if (Record.Unsaved is { } step && Record.Boundary is null)
        {
            Reach(true, ProtocolState.RecoveredWithCheckpointUnsaved);
            Show(new TrainingEvent.Notice($"The checkpoint at batch {step} is lost: the trainer was started again before it was written."));
        }
    }

    /// <summary>Goes as far as what is known allows: starts, comes to a boundary, goes through it, gives out leases. Called after every
    /// input, so nothing that is due depends on which input came last.</summary>
    private void Advance()
    {
        if (Ended)
        {
            return;
        }

        if (!Started)
        {
            StartWhenAllAreHere();
        }

        if (Started && Record.Boundary is null && _ledger.Drained)
        {
            Keep(new JournalEntry.Reached(_ledger.Completed));
        }

        ContinueBoundary();
        if (_serve && !Ended)
        {
            ServeParked();
        }
    }

    private void OnTick()
    {
        foreach (var fence in _members.Fences)
        {
            Do(new TrainerEffect.ToShard(fence));
        }

        if (!Started)
        {
            return;
        }

        for (var shard = 0; _settings.LostReturn && shard < _settings.Shards; shard++)
        {
            Do(new TrainerEffect.ToShard(new StateProtocol.Inquire(new ShardId(shard), _ledger.Completed, Record.Completed.Gaps)));
        }

        if (Record.Boundary is not null)
        {
            RepeatBoundaryRequests();
            return;
        }

        SeeWhoWaits();
        foreach (var worker in _ledger.Overdue(_now))
        {
            Reach(true, ProtocolState.LeaseExpired);
            End(worker);
            Show(new TrainingEvent.Notice($"{worker} let its lease expire; its batches go to the others.", NoticeKind.LeaseExpired));
        }

        _serve = true;
    }

    /// <summary>Whatever this shard has not answered it is asked at once; the ticks are for messages that are lost.</summary>
    private void OnShardBegan(ShardId shard)
    {
        foreach (var fence in _members.Fences.Where(fence => fence.Shard == shard))
        {
            Do(new TrainerEffect.ToShard(fence));
        }

        if (Record.Boundary is not null && _images?.Step == Record.Boundary)
        {
            RequestImages(shard);
        }
    }

    private void OnStop()
    {
        if (!Record.StopAsked)
        {
            Keep(new JournalEntry.StopAsked());
        }

        if (Started && Record.Boundary is null)
        {
            _ledger.CloseSoon();
        }
    }

    /// <summary>A shard that stands behind what is complete has lost pushes that it had acknowledged.</summary>
    private void OnStanding(StateProtocol.Standing standing)
    {
        if (standing.Lacks)
        {
            var what = standing.Applied < standing.Completed ? $"it stands at batch {standing.Applied}, {standing.Completed} are complete"
                : "it has applied fewer batches than are complete";
            Fail($"{standing.Shard} was started again and has lost pushes that it had acknowledged ({what}); train.durability "
                + $"is {_options.Durability}.");
        }
    }

    private void Keep(JournalEntry entry)
    {
        Record.Apply(entry);
        _decision.Entries.Add(entry);
    }

    private void Do(TrainerEffect effect) => _decision.Effects.Add(effect);

    private void Show(TrainingEvent happening) => Do(new TrainerEffect.Show(happening));

    private void Reach(bool here, ProtocolState state)
    {
        if (here)
        {
            _settings.Probe.Reached(state);
        }
    }

    private void Fail(string reason)
    {
        if (!Ended)
        {
            Ended = true;
            Do(new TrainerEffect.Fail(reason));
        }
    }
}
