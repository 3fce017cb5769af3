using Akka.Actor;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Work;

namespace TwoTower.Actors.Training;

/// <summary>Receives for a <see cref="TrainerState"/>, asks it, writes down what it decided, and then does it. What training is, stands
/// there; here is who sent what, what is on its way to the journal, and what takes time.</summary>
/// <remarks>Nothing is told before all that was decided up to then is written (as many entries as come while one write is under way go with
/// the next), so nobody ever knows more of the run than the journal.</remarks>
internal sealed class TrainerActor : ReceiveActor, IWithTimers
{
    private readonly TrainerBlueprint _blueprint;
    private readonly ITrainerJournal? _journal;
    private readonly TrainerOutbox _outbox;
    private readonly TrainerPeers _peers;
    private TrainerState _state = null!;
    private bool _begun;
    private TrainerTelemetry _telemetry = null!;

    /// <summary>A trainer that begins when all workers have joined, or goes on where its journal ends.</summary>
    public TrainerActor(TrainerBlueprint blueprint)
    {
        _blueprint = blueprint;
        _journal = blueprint.Journal;
        _outbox = new TrainerOutbox(_journal is not null, _journal?.CondenseAfter ?? TrainerOutbox.MostEntries);
        _peers = new TrainerPeers(Context);
        Receive<JournalWrite.Written>(_ => CarryOut(_outbox.Complete()));
        Receive<JournalWrite.NotWritten>(failure =>
            throw new TrainingException($"The trainer's journal cannot be written: {failure.Cause.Message}", failure.Cause));
        Receive<Terminated>(terminated => Handle(_peers.Lost(terminated.ActorRef)));
        Receive<StateProtocol.Counted>(counted => _telemetry.Take(counted));
        Receive<Stop>(_ => Handle(TrainerInput.Stop.Instance));
        Receive<Lost>(lost => Handle(new TrainerInput.WorkerLost(lost.Worker)));
        Receive<Broke>(broke => Handle(new TrainerInput.WorkerBroke(broke.Worker, broke.Reason)));
        Receive<Describe>(_ => Sender.Tell(_telemetry.Status(Now)));
        ReceiveAny(Handle);
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    private static double Now => Context.System.Scheduler.MonotonicClock.TotalSeconds;

    /// <summary>Props of the actor.</summary>
    public static Props Props(TrainerBlueprint blueprint) => Akka.Actor.Props.Create(() => new TrainerActor(blueprint));

    /// <inheritdoc />
    protected override void PreStart()
    {
        foreach (var peer in _blueprint.Shards.Append(_blueprint.Evaluator))
        {
            Context.Watch(peer);
        }

        var entries = _journal?.Read() ?? [];
        _state = new TrainerState(_blueprint.Settings, entries);
        _outbox.Found(entries);
        _blueprint.Probe.ReachedIf(entries is [JournalEntry.Condensed, ..], ProtocolState.RecoveredFromCondensedJournal);
        _telemetry = new TrainerTelemetry(_blueprint, _state, Now);
        Handle(TrainerInput.Tick.Instance);
        var options = _blueprint.Plan.Options;
        if (!_state.Started)
        {
            var often = options.StartWithinSeconds > 0 ? Math.Min(TrainerSettings.StartNoticeSeconds, options.StartWithinSeconds)
                : TrainerSettings.StartNoticeSeconds;
            Timers.StartPeriodicTimer(nameof(TrainerInput.StartAwaited), TrainerInput.StartAwaited.Instance, TimeSpan.FromSeconds(often));
        }

        Timers.StartPeriodicTimer(nameof(TrainerInput.Tick), TrainerInput.Tick.Instance,
            TimeSpan.FromSeconds(Math.Min(options.RetrySeconds, options.LeaseSeconds / 4)));
    }

    /// <inheritdoc />
    protected override void PostStop()
    {
        if (!_blueprint.LostReturn)
        {
            _blueprint.Outcome.TrySetException(new TrainingException("The trainer stopped before training had ended."));
        }
    }

    private void Handle(object input)
    {
        var decision = _state.Decide(input, Now);
        _telemetry.Tell(input, decision, Now);
        foreach (var effect in decision.Effects)
        {
            _outbox.Add(effect, _peers.AddresseeOf(effect, Sender));
        }

        if (_blueprint.Probe.Plants(PlantedFault.ToldBeforeWritten))
        {
            CarryOut(_outbox.TakeAll());
        }

        CarryOut(_outbox.Note(decision.Entries));
        Write();
        if (!_begun && _state.Started)
        {
            OnBegun();
        }
    }

    private void OnBegun()
    {
        _begun = true;
        Timers.Cancel(nameof(TrainerInput.StartAwaited));
        if (_blueprint.Contact is { } contact)
        {
            Context.ActorOf(contact(Self), "shard-contact");
        }
    }

    private void Write()
    {
        if (_outbox.TryBegin(_state.Record) is { } write)
        {
            _blueprint.Work.Run(Self, WorkKind.DiskWrite, write.Bytes, () => write.To(_journal!));
        }
    }

    private void CarryOut(IEnumerable<(TrainerEffect Effect, IActorRef? To)> due)
    {
        foreach (var (effect, to) in due)
        {
            switch (effect)
            {
                case TrainerEffect.Reply reply: to!.Tell(reply.Message); break;
                case TrainerEffect.ToWorker told: to!.Tell(told.Message); break;
                case TrainerEffect.ToShard told: _blueprint.Shards[told.Message.Shard.Value].Tell(told.Message, Self); break;
                case TrainerEffect.ToEvaluator told: _blueprint.Evaluator.Tell(told.Message, Self); break;
                case TrainerEffect.Show show: _blueprint.Progress?.Report(show.Event); break;
                case TrainerEffect.Rank rank:
                    _blueprint.Work.Run(Self, WorkKind.Evaluation, _blueprint.Plan.Data.Users.Count,
                    () => _blueprint.RankSnapshot(rank.Evaluated)); break;
                case TrainerEffect.Save save:
                    _blueprint.Work.Run(Self, WorkKind.DiskWrite, save.Content.Images.Bytes,
                    () => _blueprint.SaveCheckpoint(save.Content)); break;
                case TrainerEffect.Finish finish: _blueprint.Outcome.TrySetResult(_blueprint.OutcomeOf(_state, finish.Images, Now)); break;
                case TrainerEffect.Fail fail: _blueprint.Outcome.TrySetException(new TrainingException(fail.Reason)); break;
            }
        }

        Write();
    }

    /// <summary>Asks for a clean stop: batches in flight are finished, the state is saved.</summary>
    public sealed record Stop
    {
        /// <summary>The message.</summary>
        public static Stop Instance { get; } = new();
    }

    /// <summary>A failure detector has lost sight of a worker.</summary>
    public sealed record Lost(WorkerId Worker);

    /// <summary>A worker's actor has failed.</summary>
    public sealed record Broke(WorkerId Worker, string Reason) : INoSerializationVerificationNeeded;

    /// <summary>Asks how far training is; the answer is a <see cref="TrainingStatus"/>. Both stay within one actor system:
    /// they have no form on the wire.</summary>
    public sealed record Describe
    {
        /// <summary>The message.</summary>
        public static Describe Instance { get; } = new();
    }
}
