using Akka.Actor;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Work;

namespace TwoTower.Actors.ParameterServer;

/// <summary>Receives for a <see cref="ShardState"/>, asks it, and tells the answer. With durability on, whatever promises that something is
/// kept (acknowledgements, fences) waits for the checkpoint that keeps it.</summary>
internal sealed class ParameterShardActor : ReceiveActor, IWithTimers
{
    private readonly ShardState _state;
    private readonly IShardStore? _store;
    private readonly Term _term;
    private readonly ITimedWork _work;
    private readonly double _flushSeconds;
    private readonly GroupCommit<(IActorRef To, object Answer)> _commit;
    private readonly Dictionary<int, IActorRef> _workers = [];
    private readonly StateProtocol.Recovered? _recovered;
    private readonly ProtocolProbe _probe;
    private readonly HashSet<IActorRef> _greeted = [];
    private (IActorRef To, TakeCopy Copy)? _lastCopy;

    /// <summary>An actor around a shard: a new one, or the one that the store remembers.</summary>
    /// <param name="id">Which shard.</param>
    /// <param name="blueprint">What it is made from.</param>
    /// <param name="store">Where it is kept; null, or a run without durability, keeps nothing.</param>
    /// <param name="work">Runs the writing.</param>
    /// <param name="beginning">What it goes on from, when somebody has found that out already; null asks the store.</param>
    public ParameterShardActor(ShardId id, ShardBlueprint blueprint, IShardStore? store, ITimedWork work, ShardBeginning? beginning = null)
    {
        var durability = blueprint.Options.Durability;
        _probe = blueprint.Probe;
        _state = new ShardState(id, blueprint);
        blueprint.Board?.Post(_state);
        _store = durability.Every is null ? null : store;
        _term = beginning?.Term ?? Term.None;
        _work = work;
        _flushSeconds = blueprint.Options.FlushSeconds;
        _commit = new(durability.Every ?? 1);
        if (_store is not null || beginning is not null)
        {
            var record = beginning is null ? _store!.Load(id) : beginning.Record;
            if (record is not null)
            {
                _state.Restore(record);
            }

            _recovered = new StateProtocol.Recovered(id, record?.Frontier ?? blueprint.FirstBatch, [.. record?.Above ?? []]);
        }

        Serve<ParameterProtocol.Pull>(OnPull);
        Serve<ParameterProtocol.Push>(OnPush);
        Serve<ParameterProtocol.Fence>(OnFence);
        Serve<SnapshotProtocol.Read>(read => Sender.Tell(_state.Snapshot(read.Step)));
        Serve<StateProtocol.Export>(export => Sender.Tell(_state.Export(export.Step)));
        Serve<StateProtocol.Inquire>(inquire =>
            Sender.Tell(new StateProtocol.Standing(id, inquire.Completed, _state.Applied,
            _state.Lacks(inquire.Completed, inquire.Beyond))));
        Serve<StateProtocol.Count>(_ => Sender.Tell(new StateProtocol.Counted(id, _state.Counters, _state.Staleness.Clone())));
        Receive<Flush>(_ => Write());
        Receive<Saved>(_ => OnSaved());
        Receive<TakeCopy>(OnTakeCopy);
        Receive<PeerGone>(gone => _greeted.Remove(gone.Peer));

        // What promises to be kept can be kept no longer: whoever is over this actor hears why.
        Receive<NotSaved>(failure => throw new InvalidOperationException($"{id} cannot be written: {failure.Cause.Message}",
            failure.Cause));
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of the actor.</summary>
    public static Props Props(ShardId id, ShardBlueprint blueprint, IShardStore? store, ITimedWork work) =>
        Akka.Actor.Props.Create(() => new ParameterShardActor(id, blueprint, store, work));

    /// <summary>Props of an actor that goes on from what somebody has found.</summary>
    public static Props Props(ShardId id, ShardBlueprint blueprint, IShardStore? store, ITimedWork work, ShardBeginning beginning) =>
        Akka.Actor.Props.Create(() => new ParameterShardActor(id, blueprint, store, work, beginning));

    /// <summary>Somebody who has asked the shard is gone. One who comes back is greeted again.</summary>
    public sealed record PeerGone(IActorRef Peer) : INoSerializationVerificationNeeded;

    /// <summary>Asks for all that the shard knows once it has done what it was asked before.</summary>
    /// <param name="Name">Comes back with the copy.</param>
    /// <param name="Last">Whether the shard is about to go on elsewhere: then it writes nothing more, and answers when
    /// what it is writing has been written.</param>
    public sealed record TakeCopy(string Name, bool Last) : INoSerializationVerificationNeeded;

    /// <summary>The answer to <see cref="TakeCopy"/>.</summary>
    public sealed record Copied(TakeCopy Request, ShardRecord Record) : INoSerializationVerificationNeeded;

    private void OnTakeCopy(TakeCopy copy)
    {
        if (copy.Last && _commit.Writing)
        {
            // A write that ends later would put an older record over one of the next life.
            _lastCopy = (Sender, copy);
            return;
        }

        _lastCopy = copy.Last ? (Sender, copy) : _lastCopy;
        Sender.Tell(new Copied(copy, _state.Save(unacknowledged: true)));
    }

    private void Serve<T>(Action<T> handle) => Receive<T>(request =>
    {
        if (_recovered is not null && !_probe.Plants(PlantedFault.RecoveryNotTold) && _greeted.Add(Sender))
        {
            Sender.Tell(_recovered);
        }

        handle(request);
    });

    private void OnPull(ParameterProtocol.Pull pull)
    {
        var birth = ParameterProtocol.Pull.BirthOf(pull.Ticket);
        if (_state.IsFenced(pull.Worker, birth))
        {
            // A life that is over pushes nothing more; and the clocks that others begin at were told without its pulls.
            pull.Return();
            Answer(Sender, new ParameterProtocol.Fenced(_state.Id, pull.Worker, birth, _state.FurthestClock));
            return;
        }

        if (_state.TryPull(pull, out var rows, out var reason))
        {
            Sender.Tell(rows);
        }
        else
        {
            Sender.Tell(new ParameterProtocol.Nack(_state.Id, pull.Worker, reason));
        }
    }

    private void OnPush(ParameterProtocol.Push push)
    {
        if (_state.IsFenced(push.Worker, push.Birth) && !_probe.Plants(PlantedFault.FencedPushTaken))
        {
            _probe.Reached(ProtocolState.FencedPushRefused);
            push.Return();

            // It promises what the answer to the fence promises, which may still wait for its write.
            Answer(Sender, new ParameterProtocol.Fenced(_state.Id, push.Worker, push.Birth, _state.FurthestClock));
            return;
        }

        // Under BSP an acknowledgement may be for a push that came earlier, so the way back to every
        // worker is remembered until the round is whole.
        _workers[push.Worker.Value] = Sender;
        if (!_state.TryPush(push, ack => Answer(_workers[ack.Worker.Value], ack), out var reason))
        {
            Sender.Tell(new ParameterProtocol.Nack(_state.Id, push.Worker, reason));
        }

        if (!_state.AwaitsRound)
        {
            _workers.Clear(); // nobody else waits, however many there have been
        }

        if (_commit.Due)
        {
            Write();
        }
    }

    private void OnFence(ParameterProtocol.Fence fence)
    {
        Answer(Sender, _state.Fence(fence));
        Write();
    }

    private void Answer(IActorRef to, object answer)
    {
        if (_store is null || (_probe.Plants(PlantedFault.AcknowledgedBeforeWrite) && answer is ParameterProtocol.PushAck))
        {
            to.Tell(answer);
            return;
        }

        if (_commit.Writing)
        {
            _probe.Reached(ProtocolState.AnswerHeldBehindWrite);
        }

        _commit.Hold((to, answer));
        if (!Timers.IsTimerActive(nameof(Flush)))
        {
            // Fewer pushes than a checkpoint takes may be all there are: under a bound, workers that wait send no more.
            Timers.StartSingleTimer(nameof(Flush), Flush.Instance, TimeSpan.FromSeconds(_flushSeconds));
        }
    }

    private void Write()
    {
        if (_store is null || _lastCopy is not null || !_commit.TryBegin())
        {
            return;
        }

        Timers.Cancel(nameof(Flush));
        var record = _state.SaveShared(); // the store is done with it when the write is, and no other write begins before
        _work.Run(Self, WorkKind.DiskWrite, record.Bytes, () =>
        {
            try
            {
                _store.Save(record, _term);
                return Saved.Instance;
            }
            catch (Exception failure)
            {
                return new NotSaved(failure);
            }
        });
    }

    private void OnSaved()
    {
        foreach (var (to, answer) in _commit.Complete())
        {
            to.Tell(answer);
        }

        if (_lastCopy is { } last)
        {
            last.To.Tell(new Copied(last.Copy, _state.Save(unacknowledged: true)));
        }
        else if (_commit.Due)
        {
            Write();
        }
        else if (_commit.Held > 0 && !Timers.IsTimerActive(nameof(Flush)))
        {
            Timers.StartSingleTimer(nameof(Flush), Flush.Instance, TimeSpan.FromSeconds(_flushSeconds));
        }
    }

    private sealed class Flush : INoSerializationVerificationNeeded
    {
        public static readonly Flush Instance = new();
    }

    private sealed record NotSaved(Exception Cause) : INoSerializationVerificationNeeded;

    private sealed class Saved : INoSerializationVerificationNeeded
    {
        public static readonly Saved Instance = new();
    }
}

/// <summary>What a shard goes on from.</summary>
/// <param name="Record">All that it knew, or null when there is nothing: then it begins as its blueprint says.</param>
/// <param name="Term">Under which it writes; a store refuses what comes under a lower one than it knows.</param>
internal sealed record ShardBeginning(ShardRecord? Record, Term Term);
