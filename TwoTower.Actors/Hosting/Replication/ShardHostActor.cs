using Akka.Actor;
using TwoTower.Actors.Hosting.Endpoints;
using TwoTower.Actors.Ids;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Hosting.Replication;

/// <summary>The entity that a shard is in a cluster: asks the servers for what they hold of it, starts the shard's actor from the newest,
/// gives every request that can change it to its standbys too, and lets an answer that promises something go out only
/// when they have what it promises.</summary>
/// <remarks>Stands behind an endpoint, which passes it <see cref="HandOff"/>. What it decides is decided by <see cref="ShardRecall"/>,
/// <see cref="ReplicationLog{T}"/> and
/// <see cref="StandbyChoice"/>.</remarks>
internal sealed partial class ShardHostActor : ReceiveActor, IWithTimers
{
    /// <summary>Requests that wait at most until the shard is there; the rest is sent again.</summary>
    private const int MostWaiting = 256;

    private readonly ShardHostBlueprint _blueprint;
    private readonly ShardId _id;
    private readonly int _replicas;
    private readonly ShardRecall _recall;
    private readonly Queue<(object Request, IActorRef Sender)> _waiting = new();
    private readonly Dictionary<IActorRef, HeldAnswers> _answers = [];
    private readonly IActorRef _localStandby;
    private readonly IActorRefProvider _provider;
    private readonly IScheduler _scheduler = Context.System.Scheduler;
    private Dictionary<string, IActorRef> _servers = new(StringComparer.Ordinal);
    private IReadOnlyList<string> _staying = [];
    private int _coming;
    private ReplicationLog<HeldAnswers.Answer>? _log;
    private IActorRef? _shard;
    private Term _term;
    private string? _refusal;

    /// <summary>A host that knows nothing yet.</summary>
    public ShardHostActor(ShardHostBlueprint blueprint)
    {
        _blueprint = blueprint;
        _id = blueprint.Id;
        _replicas = blueprint.Shard.Options.Durability.Replicas;
        _recall = new ShardRecall(_id, blueprint.NewLife(), blueprint.Local.Name);
        _localStandby = blueprint.Link(blueprint.Local.Standby);
        _provider = ((ExtendedActorSystem)Context.System).Provider;
        Receive<ServersChanged>(OnServersChanged);
        Receive<ReplicaProtocol.Held>(OnHeld);
        Receive<ReplicaProtocol.Installed>(OnInstalled);
        Receive<ReplicaProtocol.OperationAck>(OnOperationAck);
        Receive<ReplicaProtocol.Absent>(OnAbsent);
        Receive<ReplicaProtocol.Refused>(OnRefused);
        Receive<HeldAnswers.Answer>(OnAnswer);
        Receive<ParameterShardActor.Copied>(OnCopied);
        Receive<EndpointTraffic>(OnTraffic);
        Receive<Loaded>(loaded => OnLoaded(loaded.Record));
        Receive<Outbid>(OnOutbid);
        Receive<NotLoaded>(OnNotLoaded);
        Receive<Retry>(_ => OnRetry());
        Receive<Look>(_ => OnLook());
        Receive<Overdue>(_ => OnOverdue());
        Receive<HandOff>(_ => OnHandOff());
        Receive<Terminated>(gone => gone.ActorRef.Equals(_shard), _ => Context.Stop(Self)); // it has failed; the region starts another host
        Receive<Terminated>(OnPeerGone);
        Receive<IWithShardId>(message => message.Shard == _id, OnRequest);
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    private ProtocolProbe Probe => _blueprint.Shard.Probe;

    private bool HoldsMajority => _blueprint.HoldsMajority() || Probe.Plants(PlantedFault.MajorityNotAwaited);

    private double Now => _scheduler.MonotonicClock.TotalSeconds;

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

        while (_kept.TryDequeue(out var kept))
        {
            kept.Push.Return();
        }

        if (_saidSo)
        {
            _blueprint.WaitsForMajority(false);
        }

        _blueprint.Ended();
    }

    private void OnServersChanged(ServersChanged changed)
    {
        _servers = changed.Servers.ToDictionary(server => server.Name, server => _blueprint.Link(server.Standby), StringComparer.Ordinal);
        _staying = [.. changed.Servers.Where(server => !server.Leaving).Select(server => server.Name)];
        _coming = changed.Coming.Count;
        AwaitComing();
        if (_shard is null)
        {
            _recall.SetServers(_servers.Keys);
            GoOnRecalling();
        }
        else if (_leaving)
        {
            GoOnLeaving();
        }
        else
        {
            ChooseStandbys();
        }
    }

    private void OnRequest(IWithShardId request) => OnRequest(request, Sender);

    private void OnRequest(IWithShardId request, IActorRef sender)
    {
        if (_leaving)
        {
            (request as IOwnsBuffers)?.Return();
        }
        else if (_shard is not null)
        {
            ServeOrKeep(request, sender);
        }
        else if (_refusal is not null)
        {
            (request as IOwnsBuffers)?.Return();
            sender.Tell(new ParameterProtocol.Nack(_id, (request as IWithWorkerId)?.Worker ?? default, _refusal));
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

    private void OnRefused(ReplicaProtocol.Refused refused)
    {
        if (_shard is null)
        {
            if (_recall.Outbid(refused.Term))
            {
                Probe.Reached(ProtocolState.RecallOutbid);
                _fetching = null;
                GoOnRecalling();
            }
        }
        else if (refused.Term > _term)
        {
            // Another host is the shard. Whatever this one still holds has not been acknowledged.
            _blueprint.Say($"{_id} on {_blueprint.Local.Address} stops: another host has taken its place.");
            Context.Stop(Self);
        }
    }

    private void OnRetry()
    {
        if (_shard is null)
        {
            GoOnRecalling();
        }
        else
        {
            SendAgain();
        }

        LookAfterCopies();
    }

    private void OnOverdue()
    {
        if (_leaving && MovesOn())
        {
            Timers.StartSingleTimer(nameof(Overdue), Overdue.Instance, TimeSpan.FromSeconds(_blueprint.Times.HandOff));
        }
        else if (_leaving)
        {
            Probe.Reached(ProtocolState.HandOffOverdue);
            _blueprint.Say(
                $"{_id} stops on {_blueprint.Local.Address} after {_blueprint.Times.HandOff} s without progress, although not everybody "
                + $"who is to keep it has it.");
            Context.Stop(Self);
        }
        else if (_shard is null)
        {
            _overdue = true;
            GoOnRecalling();
        }
    }

    private void Tell(string server, object message)
    {
        if (_servers.TryGetValue(server, out var standby))
        {
            standby.Tell(message, Self);
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

    private sealed record Loaded(ShardRecord? Record) : INoSerializationVerificationNeeded;

    private sealed record NotLoaded(string Reason) : INoSerializationVerificationNeeded;

    private sealed record Outbid(Term Term) : INoSerializationVerificationNeeded;
}
