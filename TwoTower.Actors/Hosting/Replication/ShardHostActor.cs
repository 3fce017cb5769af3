using Akka.Actor;
using TwoTower.Actors.Hosting.Endpoints;
using TwoTower.Actors.Ids;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Hosting.Replication;

/// <summary>The entity that a shard is in a cluster: asks the servers for what they hold of it, starts the shard's actor from the newest,
/// gives every request that can change it to its standbys too, and lets an answer that promises something go out only
/// when they have what it promises.</summary>
/// <remarks>Stands behind an endpoint, which passes it <see cref="HandOff"/>. Its life has three parts,
/// each a class: <see cref="HostRecovery"/> until the shard begins, <see cref="ServedShard"/> while it answers requests, and
/// <see cref="ShardDeparture"/> beside that while it is handed off. <see cref="MajorityWait"/> is what it does
/// while no majority is in sight.</remarks>
internal sealed class ShardHostActor : ReceiveActor, IWithTimers
{
    /// <summary>Requests that wait at most until the shard is there, or a majority; the rest is sent again.</summary>
    public const int MostWaiting = 256;

    private readonly ShardHostBlueprint _blueprint;
    private readonly ShardId _id;
    private readonly HostPeers _peers;
    private readonly HostRecovery _recovery;
    private readonly MajorityWait _majority;
    private readonly Queue<(object Request, IActorRef Sender)> _waiting = new();
    private readonly Dictionary<IActorRef, HeldAnswers> _answers = [];
    private readonly IActorRefProvider _provider;
    private ServedShard? _served;
    private ShardDeparture? _departure;
    private long _taken;
    private long _senders;

    /// <summary>A host that knows nothing yet.</summary>
    public ShardHostActor(ShardHostBlueprint blueprint)
    {
        _blueprint = blueprint;
        _id = blueprint.Id;
        var scheduler = Context.System.Scheduler;
        double Now() => scheduler.MonotonicClock.TotalSeconds;
        _peers = new HostPeers(blueprint, Self, Now);
        _recovery = new HostRecovery(blueprint, _peers, Self, Begin);
        _majority = new MajorityWait(blueprint, Now, LookAgain);
        _provider = ((ExtendedActorSystem)Context.System).Provider;
        Receive<ServersChanged>(OnServersChanged);
        Receive<ReplicaProtocol.Held>(OnHeld);
        Receive<ReplicaProtocol.Installed>(OnInstalled);
        Receive<ReplicaProtocol.OperationAck>(ack => _served?.OnOperationAck(ack));
        Receive<ReplicaProtocol.Absent>(absent => _served?.OnAbsent(absent));
        Receive<ReplicaProtocol.Refused>(OnRefused);
        Receive<HeldAnswers.Answer>(OnAnswer);
        Receive<ParameterShardActor.Copied>(OnCopied);
        Receive<EndpointTraffic>(OnTraffic);
        Receive<HostRecovery.Loaded>(loaded => _recovery.OnLoaded(loaded.Record));
        Receive<HostRecovery.Outbid>(outbid => _recovery.OnOutbid(outbid.Term));
        Receive<HostRecovery.NotLoaded>(OnNotLoaded);
        Receive<Retry>(_ => OnRetry());
        Receive<Look>(_ => OnLook());
        Receive<Overdue>(_ => OnOverdue());
        Receive<HandOff>(_ => OnHandOff());

        // It has failed; the region starts another host.
        Receive<Terminated>(gone => gone.ActorRef.Equals(_served?.Actor), _ => Context.Stop(Self));
        Receive<Terminated>(OnSenderGone);
        Receive<IWithShardId>(message => message.Shard == _id, request => OnRequest(request, Sender));
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    private ProtocolProbe Probe => _blueprint.Shard.Probe;

    /// <summary>The message with which the shard region moves the shard elsewhere.</summary>
    public sealed class HandOff : INoSerializationVerificationNeeded
    {
        /// <summary>It has no content.</summary>
        public static HandOff Instance { get; } = new();
    }

    /// <summary>Props of the actor.</summary>
    public static Props Props(ShardHostBlueprint blueprint) => Akka.Actor.Props.Create(() => new ShardHostActor(blueprint));

    /// <inheritdoc />
    protected override void PreStart()
    {
        _blueprint.ServerWatch.Tell(ServerWatch.Subscribe.Instance);
        Timers.StartPeriodicTimer(nameof(Retry), Retry.Instance, TimeSpan.FromSeconds(_blueprint.Times.Retry));
        Timers.StartSingleTimer(nameof(Overdue), Overdue.Instance, TimeSpan.FromSeconds(_blueprint.Times.Recall));
    }

    /// <summary>A shard whose actor fails must not begin again from what this host began with: its
    /// successor asks who knows more by now.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    /// <inheritdoc />
    protected override void PostStop()
    {
        while (_waiting.TryDequeue(out var request))
        {
            (request.Request as IOwnsBuffers)?.Return();
        }

        _majority.End();
        _blueprint.Ended();
    }

    private void OnServersChanged(ServersChanged changed)
    {
        _peers.Set(changed);
        _served?.AwaitComing();
        if (_served is null)
        {
            _recovery.OnServers();
        }
        else if (_departure is not null)
        {
            _departure.GoOn();
        }
        else
        {
            _served.ChooseStandbys();
        }
    }

    private void Begin(ShardRecord? record, ReplicaProtocol.Held? found)
    {
        Timers.Cancel(nameof(Overdue));
        _blueprint.Began();
        if (found is not null && record is { } held && held.Round.Count + held.Waiting.Count > 0)
        {
            Probe.Reached(ProtocolState.PromotedWithPushHalfAcknowledged);
        }

        var term = _recovery.Term;
        var shard = Context.ActorOf(
            ParameterShardActor.Props(_id, _blueprint.Shard, _blueprint.Store, _blueprint.Work, new ShardBeginning(record, term))
                .WithDispatcher(Context.Props.Dispatcher), "shard");
        Context.Watch(shard);
        _served = new ServedShard(_blueprint, _peers, _majority, Self, shard, term, found?.Sequence ?? 0);
        _served.Begin(record);
        while (_waiting.TryDequeue(out var waiting))
        {
            ServeOrKeep(_served, (IWithShardId)waiting.Request, waiting.Sender);
        }
    }

    private void OnRequest(IWithShardId request, IActorRef sender)
    {
        if (_departure is not null)
        {
            (request as IOwnsBuffers)?.Return();
        }
        else if (_served is { } served)
        {
            ServeOrKeep(served, request, sender);
        }
        else if (_recovery.Refusal is { } refusal)
        {
            (request as IOwnsBuffers)?.Return();
            sender.Tell(new ParameterProtocol.Nack(_id, (request as IWithWorkerId)?.Worker ?? default, refusal));
        }
        else if (_waiting.Count < MostWaiting)
        {
            Probe.Reached(ProtocolState.AskedWhileRecalling);
            _waiting.Enqueue((request, sender));
        }
        else
        {
            (request as IOwnsBuffers)?.Return();
        }
    }

    private void ServeOrKeep(ServedShard served, IWithShardId request, IActorRef sender)
    {
        if (request is ParameterProtocol.Push push && !_majority.IsOver)
        {
            _majority.Keep(push, sender);
        }
        else if (!served.TryReplicate(request))
        {
            (request as IOwnsBuffers)?.Return();
        }
        else
        {
            Serve(served, request, sender);
        }
    }

    /// <summary>The shard is told what the standbys are told, in the same order.</summary>
    private void Serve(ServedShard served, IWithShardId request, IActorRef sender)
    {
        if (!_answers.TryGetValue(sender, out var answers))
        {
            _answers.Add(sender, answers = new HeldAnswers(sender, Self, Probe, Self.Path / "answers" / $"{_senders++}", _provider));
            Context.Watch(sender);
        }

        served.Actor.Tell(request, answers);
        if (request is ParameterProtocol.Push)
        {
            _blueprint.Took(++_taken);
        }
    }

    private void OnSenderGone(Terminated gone)
    {
        if (_answers.Remove(gone.ActorRef, out var answers))
        {
            _served?.Actor.Tell(new ParameterShardActor.PeerGone(answers));
        }
    }

    private void OnAnswer(HeldAnswers.Answer answer)
    {
        _served!.Log.Hold(answer);
        _served.LetGo();
    }

    private void OnHeld(ReplicaProtocol.Held held)
    {
        if (_served is null)
        {
            _recovery.OnHeld(held);
        }
        else
        {
            _served.OnHeld(held, OnInstalled);
        }
    }

    private void OnInstalled(ReplicaProtocol.Installed installed)
    {
        if (_served is { } served && installed.Term == served.Term)
        {
            _departure?.OnInstalled(installed);
            served.OnInstalled(installed);
        }
    }

    private void OnRefused(ReplicaProtocol.Refused refused)
    {
        if (_served is null)
        {
            _recovery.OnRefused(refused.Term);
        }
        else if (refused.Term > _served.Term)
        {
            // Another host is the shard. Whatever this one still holds has not been acknowledged.
            _blueprint.Say($"{_id} on {_blueprint.Local.Address} stops: another host has taken its place.");
            Context.Stop(Self);
        }
    }

    private void OnCopied(ParameterShardActor.Copied copied)
    {
        if (copied.Request.Last)
        {
            _departure!.OnLastCopy(copied.Record);
        }
        else
        {
            _served!.OnCopied(copied);
        }
    }

    private void OnTraffic(EndpointTraffic traffic)
    {
        if (_served is null)
        {
            _recovery.OnTraffic(traffic);
        }
        else
        {
            _served.OnTraffic(traffic);
        }
    }

    private void OnNotLoaded(HostRecovery.NotLoaded failure)
    {
        _recovery.OnNotLoaded(failure.Reason);
        while (_waiting.TryDequeue(out var waiting))
        {
            Self.Tell(waiting.Request, waiting.Sender);
        }
    }

    private void OnRetry()
    {
        if (_served is not null)
        {
            _served.SendAgain();
            _served.LookAfterCopies();
            return;
        }

        _recovery.GoOn();
        if (_served is null)
        {
            _recovery.LookAfterCopy();
        }
    }

    private void OnLook()
    {
        if (!_majority.Look())
        {
            return;
        }

        _served?.LetGo();
        foreach (var (push, sender) in _majority.TakeKept())
        {
            OnRequest(push, sender);
        }
    }

    private void LookAgain(bool looks)
    {
        if (looks)
        {
            Timers.StartPeriodicTimer(nameof(Look), Look.Instance, MajorityWait.Every);
        }
        else
        {
            Timers.Cancel(nameof(Look));
        }
    }

    private void OnHandOff()
    {
        if (_departure is not null)
        {
            return;
        }

        if (_served is null || Probe.Plants(PlantedFault.HandOffNotAwaited))
        {
            // Whatever there is of the shard is where it was.
            Context.Stop(Self);
            return;
        }

        var context = Context;
        _departure = new ShardDeparture(_blueprint, _peers, _served, () => context.Stop(Self));
        Timers.StartSingleTimer(nameof(Overdue), Overdue.Instance, TimeSpan.FromSeconds(_blueprint.Times.HandOff));
        _departure.Begin();
    }

    private void OnOverdue()
    {
        if (_departure is not null && _departure.MovesOn())
        {
            Timers.StartSingleTimer(nameof(Overdue), Overdue.Instance, TimeSpan.FromSeconds(_blueprint.Times.HandOff));
        }
        else if (_departure is not null)
        {
            Probe.Reached(ProtocolState.HandOffOverdue);
            _blueprint.Say(
                $"{_id} stops on {_blueprint.Local.Address} after {_blueprint.Times.HandOff} s without progress, although not everybody "
                + $"who is to keep it has it.");
            Context.Stop(Self);
        }
        else if (_served is null)
        {
            _recovery.OnOverdue();
        }
    }

    private sealed class Retry : INoSerializationVerificationNeeded
    {
        public static readonly Retry Instance = new();
    }

    private sealed class Overdue : INoSerializationVerificationNeeded
    {
        public static readonly Overdue Instance = new();
    }

    private sealed class Look : INoSerializationVerificationNeeded
    {
        public static readonly Look Instance = new();
    }
}
