using Akka.Actor;
using TwoTower.Actors.Hosting.Endpoints;
using TwoTower.Actors.Hosting.Membership;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Hosting.Nodes;

/// <summary>Speaks for a node: asks to take part, starts what the node is there for when it may, and learns when the run is over.</summary>
internal sealed class NodeAgent : ReceiveActor, IWithTimers
{
    private readonly NodeAgentBlueprint _blueprint;
    private readonly List<IActorRef> _waiting = [];
    private readonly IScheduler _scheduler = Context.System.Scheduler;
    private readonly CoordinatorSilence _silence;
    private readonly MembershipPatience _membershipPatience = new();
    private NodeCard _card;
    private IReadOnlyList<IActorRef> _workers = [];
    private IActorRef? _draining;
    private NodeEnd? _end;
    private string? _unable;
    private bool _admitted;

    /// <summary>An agent that asks as soon as its node is a member.</summary>
    public NodeAgent(NodeAgentBlueprint blueprint)
    {
        _blueprint = blueprint;
        _card = blueprint.Card;
        _silence = new CoordinatorSilence(Now);
        Receive<Ask>(_ => OnAsk());
        Receive<AdmissionProtocol.Admitted>(OnAdmitted);
        Receive<AdmissionProtocol.Refused>(OnRefused);
        Receive<AdmissionProtocol.Ended>(OnEnded);
        Receive<AdmissionProtocol.Dismissed>(_ => OnDismissed());
        Receive<Undeliverable>(OnUndeliverable);
        Receive<Farewell>(_ => OnDismissed());
        Receive<TellWhenShardsReachable>(_ => OnWaiting());
        Receive<ShardsFound>(_ => OnShardsFound());
        Receive<StateProtocol.Recovered>(OnRecovered);
        Receive<Drain>(_ => OnDrain());
        Receive<Terminated>(OnTerminated);
        Receive<Idle>(_ => End(new NodeEnd("The node's workers have stopped.")));
        Receive<IsAdmitted>(_ => Sender.Tell(_admitted));
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    private double Now => _scheduler.MonotonicClock.TotalSeconds;

    /// <summary>Props of the actor.</summary>
    public static Props Props(NodeAgentBlueprint blueprint) => Akka.Actor.Props.Create(() => new NodeAgent(blueprint));

    /// <inheritdoc />
    protected override void PreStart()
    {
        var self = Self;
        _card = _card with { Address = _blueprint.Membership.Address };
        Context.System.EventStream.Subscribe(Self, typeof(Undeliverable));
        _blueprint.Membership.WhenUp(() => self.Tell(Ask.Instance));
        Timers.StartPeriodicTimer(nameof(Ask), Ask.Instance, TimeSpan.FromSeconds(_blueprint.RepeatSeconds));
    }

    private void OnAsk()
    {
        var own = _blueprint.Membership.Members.FirstOrDefault(member => member.Name == _blueprint.Membership.Name);
        if (_membershipPatience.Look(own?.Status, Now))
        {
            End(new NodeEnd(
                $"This node has been about to become a member for {MembershipPatience.TooLong} s: whoever let it in has gone before the "
                + $"others knew; started again it joins anew.", Again: true));
            return;
        }

        _blueprint.Coordinator.Tell(new AdmissionProtocol.Apply(_card));
        if (_unable is not null)
        {
            _blueprint.Coordinator.Tell(new AdmissionProtocol.Unable(_card.Node, _unable));
        }

        switch (_silence.Look(Now))
        {
            case CoordinatorSilence.Verdict.Say:
                _blueprint.Say(
                    $"The coordinator, which is beside the trainer, has not answered for {CoordinatorSilence.WorthSaying} s; this node "
                    + $"goes on asking.");
                break;
            case CoordinatorSilence.Verdict.GiveUp:
                End(new NodeEnd(
                    $"The coordinator has not answered for {CoordinatorSilence.TooLong / 60} minutes, so this node has ended: the run is "
                    + $"over, or its trainer has not come back; started again it joins anew.", Again: true));
                break;
        }
    }

    private void OnAdmitted(AdmissionProtocol.Admitted admitted)
    {
        if (admitted.Node == _card.Node && _silence.Hear(Now))
        {
            _blueprint.Say("The coordinator answers again.");
        }

        if (_admitted || admitted.Node != _card.Node)
        {
            return;
        }

        _admitted = true;
        _card = _card with { Held = admitted.Workers };
        _blueprint.OpenShards(Context);
        foreach (var waiting in _waiting)
        {
            waiting.Tell(ShardsReachable.Instance);
        }

        _waiting.Clear();
        if (admitted.Workers.Length > 0)
        {
            _blueprint.FindShards(Context, admitted.Workers[0]);
        }
    }

    /// <summary>What decides the run is compared before a node is let in, so one that was in is refused only because its ids are another's
    /// by now: a coordinator after the one that gave them did not know of it. Started again it gets others.</summary>
    private void OnRefused(AdmissionProtocol.Refused refused)
    {
        if (refused.Node == _card.Node)
        {
            End(_admitted
                ? new NodeEnd($"This node can take part no longer as who it was: {refused.Reason.TrimEnd('.')}.", Again: true)
                : new NodeEnd($"This node may not take part: {refused.Reason.TrimEnd('.')}.", Refused: true));
        }
    }

    /// <summary>Somebody of this node waits, or is waited for, in vain: the run cannot go on, and is to end with the reason.</summary>
    private void OnUndeliverable(Undeliverable undeliverable)
    {
        if (_unable is null && _end is null)
        {
            _unable = undeliverable.Reason;
            _blueprint.Say($"{_unable}.");
            OnAsk();
        }
    }

    private void OnShardsFound()
    {
        _workers = _draining is null ? _blueprint.StartWorkers(Context, _card.Held) : [];
        foreach (var worker in _workers)
        {
            Context.Watch(worker);
        }
    }

    /// <summary>What workers had on their way to the shard's host before is lost, and sent again at once
    /// rather than when it is overdue.</summary>
    private void OnRecovered(StateProtocol.Recovered recovered)
    {
        foreach (var worker in _workers)
        {
            worker.Tell(recovered);
        }
    }

    private void OnWaiting()
    {
        if (_admitted)
        {
            Sender.Tell(ShardsReachable.Instance);
        }
        else
        {
            _waiting.Add(Sender);
        }
    }

    private void OnEnded(AdmissionProtocol.Ended ended)
    {
        if (ended.Node == _card.Node)
        {
            Sender.Tell(new AdmissionProtocol.EndKnown(_card.Node));
            if (_end is null)
            {
                _end = new NodeEnd(ended.Failure);
                Timers.StartSingleTimer(nameof(Farewell), Farewell.Instance, _blueprint.Farewell);
            }
        }
    }

    private void OnDismissed()
    {
        if (_end is not null)
        {
            End(_end);
        }
    }

    private void OnDrain()
    {
        _draining = Sender;
        foreach (var worker in _workers)
        {
            worker.Tell(WorkerActor.Drain.Instance);
        }

        AnswerIfDrained();
    }

    private void OnTerminated(Terminated terminated)
    {
        _workers = [.. _workers.Where(worker => !worker.Equals(terminated.ActorRef))];
        if (_draining is null && _workers.Count == 0)
        {
            // Alone in its node, an idle process would look well; what went wrong has been said, or the run's end is on its way.
            Timers.StartSingleTimer(nameof(Idle), Idle.Instance, TimeSpan.FromSeconds(10 * _blueprint.RepeatSeconds));
        }

        AnswerIfDrained();
    }

    private void AnswerIfDrained()
    {
        if (_draining is not null && _workers.Count == 0)
        {
            _draining.Tell(Drained.Instance);
        }
    }

    private void End(NodeEnd end) => _blueprint.Done.TrySetResult(end);

    /// <summary>Asks to be told <see cref="ShardsReachable"/>, now or later.</summary>
    public sealed class TellWhenShardsReachable
    {
        /// <summary>The message.</summary>
        public static TellWhenShardsReachable Instance { get; } = new();
    }

    /// <summary>The node may take part, and its way to the shards is open.</summary>
    public sealed class ShardsReachable
    {
        /// <summary>The message.</summary>
        public static ShardsReachable Instance { get; } = new();
    }

    /// <summary>Every shard has answered; workers may start.</summary>
    public sealed class ShardsFound : INoSerializationVerificationNeeded
    {
        /// <summary>The message.</summary>
        public static ShardsFound Instance { get; } = new();
    }

    /// <summary>Asks the node's workers to finish what they have and leave; answered by <see cref="Drained"/>.</summary>
    public sealed class Drain
    {
        /// <summary>The message.</summary>
        public static Drain Instance { get; } = new();
    }

    /// <summary>The node has no worker any more.</summary>
    public sealed class Drained
    {
        /// <summary>The message.</summary>
        public static Drained Instance { get; } = new();
    }

    /// <summary>Asks whether the node takes part; the answer is a bool.</summary>
    public sealed class IsAdmitted
    {
        /// <summary>The message.</summary>
        public static IsAdmitted Instance { get; } = new();
    }

    /// <summary>Nobody has dismissed the node that knows of the end: whoever would have is gone.</summary>
    private sealed class Farewell : INoSerializationVerificationNeeded
    {
        public static readonly Farewell Instance = new();
    }

    private sealed class Idle
    {
        public static readonly Idle Instance = new();
    }

    private sealed class Ask
    {
        public static readonly Ask Instance = new();
    }
}
