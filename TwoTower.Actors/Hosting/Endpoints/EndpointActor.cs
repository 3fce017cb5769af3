using System.Buffers;
using Akka.Actor;
using Akka.Event;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Wire;
using static TwoTower.Actors.Protocol.EndpointProtocol;

namespace TwoTower.Actors.Hosting.Endpoints;

/// <summary>Stands between an actor and the network: starts it as its child, hands it what comes in with a sender that it can answer, and
/// sends out what it tells to its links. Messages of up to 64 KiB go at once; longer ones go in pieces, one per target at a time, so small
/// ones never wait behind them (and may overtake them).</summary>
/// <remarks>The end of the inner actor is the end of the endpoint, once what it sent is out. Encoding and reassembling happen here, on a
/// dispatcher of their own. What is lost on the way the conversations send again; what can never come, whoever sends it, is told of as
/// <see cref="Undeliverable"/> on the system's event stream: somebody waits for it and must not do so for ever.</remarks>
internal sealed class EndpointActor : ReceiveActor, IEndpoint, IWithTimers
{
    private readonly EndpointOptions _options;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly IScheduler _scheduler = Context.System.Scheduler;
    private readonly EndpointLinks _links = new(Context.Self, ((ExtendedActorSystem)Context.System).Provider);
    private readonly EndpointWatches _watches = new(Context);
    private readonly OutboundStreams<IActorRef> _outbound;
    private readonly InboundStreams<IActorRef> _inbound;
    private readonly IActorRef _self = Context.Self;
    private readonly IActorRef _inner;
    private bool _draining;

    /// <summary>An endpoint whose inner actor starts at once.</summary>
    public EndpointActor(EndpointOptions options, Func<IEndpoint, Props> inner, string innerName)
    {
        _options = options;
        _outbound = new(options);
        _inbound = new(options);
        _inner = Context.ActorOf(inner(this), innerName);
        Context.Watch(_inner);
        Receive<EndpointLink.Told>(told => SendOrRefuse(told.Link, told.Message));
        Receive<EndpointLink.Watched>(_watches.Add);
        Receive<EndpointLink.Unwatched>(_watches.Remove);
        Receive<Chunk>(OnChunk);
        Receive<Credit>(credit => Report(_outbound.Accept(Sender, credit, Now, SendChunk)));
        Receive<Broken>(OnBroken);
        Receive<WireFrame>(frame => Deliver(frame.Manifest, new ReadOnlySequence<byte>(frame.Bytes), null, Sender));
        Receive<Terminated>(OnTerminated);
        Receive<TrafficAsked>(asked => _inner.Tell(TrafficOf(asked.Target, asked.About), Self));
        Receive<Tick>(_ => OnTick());
        ReceiveAny(OnOther);
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    IActorRef IEndpoint.Self => _self;

    private double Now => _scheduler.MonotonicClock.TotalSeconds;

    /// <summary>Props of an endpoint, on the dispatcher that <see cref="WireHosting.AddTwoTowerWire"/> adds.</summary>
    /// <param name="options">Limits.</param>
    /// <param name="inner">Makes the inner actor's props. The endpoint that it gets may be used from any thread.</param>
    /// <param name="innerName">Name of the inner actor.</param>
    public static Props Props(EndpointOptions options, Func<IEndpoint, Props> inner, string innerName) =>
        Akka.Actor.Props.Create(() => new EndpointActor(options, inner, innerName)).WithDispatcher(WireHosting.Dispatcher);

    /// <inheritdoc />
    public IActorRef Link(IActorRef target, ShardId? shard = null) => _links.To(target, shard);

    /// <inheritdoc />
    public void AskTraffic(IActorRef link, string about) =>
        _self.Tell(new TrafficAsked(link is EndpointLink known ? known.Target : link, about), ActorRefs.NoSender);

    /// <inheritdoc />
    protected override void PreStart() =>
        Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, TimeSpan.FromSeconds(_options.StallSeconds / 4));

    /// <summary>An inner actor that fails is gone, as every actor of a run.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private EndpointTraffic TrafficOf(IActorRef target, string about)
    {
        var (sent, toSend) = _outbound.ProgressTo(target);
        return new EndpointTraffic(about, sent, toSend, _inbound.ComesFrom(target));
    }

    private void SendOrRefuse(EndpointLink link, object message)
    {
        try
        {
            Send(link, message);
        }
        catch (WireException refused)
        {
            TellUndeliverable(message.GetType().Name, link.Target, refused.Message);
        }
    }

    private void Send(EndpointLink link, object message)
    {
        if (link.IsHere || !WireFormat.HasForm(message))
        {
            if (!link.IsHere && Context.System.Serialization.FindSerializerFor(message) is RefusingSerializer)
            {
                throw new WireException($"{message.GetType().FullName} has no form on the wire."); // nor is it Akka's own
            }

            link.Target.Tell(message, Self);
            return;
        }

        var size = WireFormat.SizeOf(message);
        var owner = message as IOwnsBuffers;
        if (size > _options.PieceBytes)
        {
            _outbound.Add(link.Target, link.Shard, WireFormat.ManifestOf(message), WireFormat.FrameOf(message), Now, SendChunk);
        }
        else if (owner is not null)
        {
            // The transport encodes later and perhaps twice, and would not say when it is done with the buffers.
            var frame = new WireFrame(WireFormat.ManifestOf(message), WireFormat.Encode(message), link.Shard);
            owner.Return();
            link.Target.Tell(frame, Self);
        }
        else
        {
            link.Target.Tell(message, Self);
        }
    }

    private void SendChunk(IActorRef target, Chunk chunk) => target.Tell(chunk, Self);

    private void OnChunk(Chunk chunk)
    {
        if (_draining)
        {
            return;
        }

        var frame = _inbound.Accept(Sender, chunk, Now, out var answer);
        if (answer is not null)
        {
            Sender.Tell(answer, Self);
        }

        if (frame is not null && Deliver(frame) is { } refused)
        {
            Sender.Tell(new Broken(chunk.Lane, chunk.Stream, $"it cannot be read: {refused}", Lasting: true), Self);
        }
    }

    private string? Deliver(InboundFrame frame)
    {
        try
        {
            return Deliver(frame.Manifest, frame.Bytes(), frame.Release, Sender);
        }
        finally
        {
            frame.Release();
        }
    }

    /// <summary>Gives the inner actor a message.</summary>
    /// <returns>Why not, or null.</returns>
    private string? Deliver(string manifest, in ReadOnlySequence<byte> frame, Action<long>? used, IActorRef origin)
    {
        try
        {
            if (typeof(EndpointProtocol) == WireFormat.Manifests.GetValueOrDefault(manifest)?.DeclaringType)
            {
                throw new WireException($"'{manifest}' comes in no pieces.");
            }

            _inner.Tell(WireFormat.Decode(manifest, frame, used), _links.Back(origin));
            return null;
        }
        catch (WireException refused)
        {
            _log.Warning("A message from {0} is refused: {1}", origin, refused.Message);
            return refused.Message;
        }
    }

    private void OnOther(object message)
    {
        if (WireFormat.HasForm(message))
        {
            _inner.Tell(message, _links.Back(Sender));
        }
        else if (Sender.Equals(_inner))
        {
            Unhandled(message); // to hand it back would go round for ever
        }
        else
        {
            _inner.Tell(message, Sender);
        }
    }

    private void OnTerminated(Terminated terminated)
    {
        if (terminated.ActorRef.Equals(_inner))
        {
            _draining = true;
            StopWhenDrained();
            return;
        }

        _outbound.Forget(terminated.ActorRef);
        _watches.Tell(terminated);
    }

    private void OnBroken(Broken broken)
    {
        var reason = _outbound.Accept(broken, Now, SendChunk);
        if (reason is not null && broken.Lasting)
        {
            TellUndeliverable("A message", Sender, reason);
        }

        Report(reason);
    }

    private void TellUndeliverable(string what, IActorRef target, string reason)
    {
        var undeliverable =
            new Undeliverable(
            $"{what} from {_inner.Path.ToStringWithoutAddress()} to {target.Path.ToStringWithoutAddress()} can never be delivered: {reason}");
        _log.Error("{0}", undeliverable.Reason);
        Context.System.EventStream.Publish(undeliverable);
    }

    private void Report(string? givenUp)
    {
        if (givenUp is not null)
        {
            _log.Warning("A message to {0} is given up: {1}.", Sender, givenUp);
        }

        StopWhenDrained();
    }

    private void OnTick()
    {
        foreach (var target in _outbound.Expire(Now))
        {
            _log.Warning("Messages to {0} are given up: no progress for {1} s.", target, _options.StallSeconds);
        }

        _inbound.Expire(Now);
        StopWhenDrained();
    }

    private void StopWhenDrained()
    {
        if (_draining && _outbound.IsIdle)
        {
            Context.Stop(Self);
        }
    }

    private sealed record TrafficAsked(IActorRef Target, string About) : INoSerializationVerificationNeeded;

    private sealed class Tick : INoSerializationVerificationNeeded
    {
        public static readonly Tick Instance = new();
    }
}
