using Akka.Actor;
using TwoTower.Actors.Hosting.Membership;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Simulation.Clusters;

/// <summary>Has one actor on the oldest node of a role, as Akka's singleton manager does: who becomes the oldest asks the one before, which
/// is about to go, to hand over, and begins when that has stopped what it had. Where nobody has handed over it waits, from
/// the removal of whoever was older.</summary>
internal sealed class SingletonManagerActor : ReceiveActor, IWithTimers
{
    private readonly NodeLife _life;
    private readonly string _name;
    private readonly string _role;
    private readonly Props _props;
    private readonly double _margin;
    private readonly TimeSpan _retry;
    private readonly TimeSpan _exitTimeout;
    private IActorRef? _one;
    private IActorRef? _exit;
    private string? _next;
    private bool _had;
    private bool _handedOver;
    private bool _goes;

    public SingletonManagerActor(NodeLife life, string name, string role, Props props, double margin, ClusterTimes times)
    {
        (_life, _name, _role, _props, _margin) = (life, name, role, props, margin);
        (_retry, _exitTimeout) = (TimeSpan.FromSeconds(times.HandOverRetry), TimeSpan.FromSeconds(times.Exit));
        var self = Self;
        life.Membership.WhenChanged(() => self.Tell(Look.Instance));
        Receive<Look>(_ => OnLook());
        Receive<Exit>(_ => OnExit());
        Receive<Downed>(_ =>
        {
            _goes = true;
            _one?.Tell(PoisonPill.Instance);
        });
        Receive<LateExit>(_ => _one?.Tell(PoisonPill.Instance));
        Receive<HandOver>(OnHandOver);
        Receive<HandedOver>(_ => OnHandedOver());
        Receive<Terminated>(_ => OnGone());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => OnLook();

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void OnLook()
    {
        var membership = _life.Membership;
        if (_one is not null || _goes || membership.OldestOf(_role)?.Name != _life.Name)
        {
            return;
        }

        if (!_handedOver && membership.OlderOnesThatGo(_role).ToArray() is { Length: > 0 } going)
        {
            foreach (var older in going.Where(older => older.Status == PeerStatus.Exiting))
            {
                _life.SendTo(older.Name, _name, new HandOver(_life.Name));
            }

            Timers.StartSingleTimer(nameof(HandOver), Look.Instance, _retry);
            return;
        }

        // Whoever had it may not know yet that it has been given up.
        var wait = _handedOver ? 0 : membership.LostSince(_role) + _margin - _life.Seconds;
        if (wait > 0)
        {
            // Less than a tick would be no time at all, again and again.
            Timers.StartSingleTimer(nameof(Look), Look.Instance, TimeSpan.FromSeconds(wait) + TimeSpan.FromMilliseconds(1));
            return;
        }

        _had = true;
        _one = Context.ActorOf(_props, "one");
        Context.Watch(_one);
        _life.Register($"{_name}/one", _one);
    }

    /// <summary>One that never had it knows nothing of whoever may have it still, and has nothing to hand over.</summary>
    private void OnHandOver(HandOver order)
    {
        if (!_had)
        {
            return;
        }

        (_next, _goes) = (order.Next, true);
        if (_one is null)
        {
            _life.SendTo(_next, _name, HandedOver.Instance);
        }
        else
        {
            _one.Tell(PoisonPill.Instance);
        }
    }

    private void OnHandedOver()
    {
        _handedOver = true;
        OnLook();
    }

    /// <summary>It stays until the next oldest asks for it, where there is one, so that it is nowhere for a moment only.</summary>
    private void OnExit()
    {
        _goes = true;
        if (_one is null)
        {
            Sender.Tell(Exited.Instance);
            return;
        }

        _exit = Sender;
        if (_life.Membership.OldestOf(_role) is null)
        {
            _one.Tell(PoisonPill.Instance);
        }
        else
        {
            Timers.StartSingleTimer(nameof(Exit), LateExit.Instance, _exitTimeout);
        }
    }

    private void OnGone()
    {
        _one = null;
        _exit?.Tell(Exited.Instance);
        if (_next is not null)
        {
            _life.SendTo(_next, _name, HandedOver.Instance);
        }
    }

    /// <summary>The node is about to be gone.</summary>
    public sealed class Exit
    {
        public static readonly Exit Instance = new();
    }

    /// <summary>The node has been given up.</summary>
    public sealed class Downed
    {
        public static readonly Downed Instance = new();
    }

    /// <summary>What there was has stopped.</summary>
    public sealed class Exited
    {
        public static readonly Exited Instance = new();
    }

    /// <summary>The next oldest → the one before: say when what there was has stopped.</summary>
    private sealed record HandOver(string Next);

    /// <summary>The answer.</summary>
    private sealed class HandedOver
    {
        public static readonly HandedOver Instance = new();
    }

    private sealed class LateExit
    {
        public static readonly LateExit Instance = new();
    }

    private sealed class Look
    {
        public static readonly Look Instance = new();
    }
}

/// <summary>The way to a singleton, as Akka's proxy is: it asks the oldest node of the role who it
/// is, and keeps messages meanwhile.</summary>
internal sealed class SingletonProxyActor : ReceiveActor, IWithTimers
{
    private readonly NodeLife _life;
    private readonly string _name;
    private readonly string _role;
    private readonly Queue<(object Message, IActorRef Sender)> _kept = new();
    private readonly TimeSpan _interval;
    private string? _oldest;
    private IActorRef? _one;

    public SingletonProxyActor(NodeLife life, string name, string role, ClusterTimes times)
    {
        (_life, _name, _role) = (life, name, role);
        var self = Self;
        life.Membership.WhenChanged(() => self.Tell(Look.Instance));
        Receive<Look>(_ => OnLook());
        Receive<ActorIdentity>(OnIdentity);
        Receive<Terminated>(gone => gone.ActorRef.Equals(_one), _ => _one = null);
        Receive<Terminated>(_ => { });
        ReceiveAny(message =>
        {
            if (_one is not null)
            {
                _one.Forward(message);
                return;
            }

            if (_kept.Count >= times.Buffer)
            {
                (_kept.Dequeue().Message as IOwnsBuffers)?.Return();
            }

            _kept.Enqueue((message, Sender));
        });
        _interval = TimeSpan.FromSeconds(times.Identification);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Look), Look.Instance, TimeSpan.Zero, _interval);

    private void OnLook()
    {
        var oldest = _life.Membership.OldestOf(_role);
        if (oldest?.Name != _oldest)
        {
            (_oldest, _one) = (oldest?.Name, null);
        }

        if (_one is null && oldest is not null)
        {
            _life.Membership.ActorOn(oldest, $"{_name}/one").Tell(new Identify(oldest.Name), Self);
        }
    }

    private void OnIdentity(ActorIdentity identity)
    {
        if (_one is not null || identity.Subject is not { } one || identity.MessageId as string != _oldest)
        {
            return;
        }

        _one = one;
        Context.Watch(one);
        while (_kept.TryDequeue(out var kept))
        {
            one.Tell(kept.Message, kept.Sender);
        }
    }

    private sealed class Look
    {
        public static readonly Look Instance = new();
    }
}
