using Akka.Actor;
using TwoTower.Actors.Hosting.Majority;
using TwoTower.Actors.Hosting.Membership;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Hosting.Nodes;

/// <summary>What a coordinator is made from.</summary>
/// <param name="Own">The card of the node that it may run on.</param>
/// <param name="Membership">The members as that node sees them.</param>
/// <param name="Agent">That node's agent, which knows when its way to the shards is open.</param>
/// <param name="Trainer">Makes the props of the trainer behind its endpoint.</param>
/// <param name="FirstWorker">The first worker id that no earlier life of the run has given.</param>
/// <param name="Outcome">The trainer's outcome.</param>
internal sealed record CoordinatorBlueprint(NodeCard Own, IMembership Membership, IActorRef Agent, Func<Props> Trainer,
    Func<int> FirstWorker,
    Task<TrainingOutcome> Outcome)
{
    /// <summary>Ends the run for a reason that no repeating mends.</summary>
    public required Action<string> Fail { get; init; }
}

/// <summary>The one actor of role trainer: admits nodes, starts the trainer, tells it whom the failure detector has lost sight of, and
/// tells everybody when the run is over.</summary>
internal sealed class CoordinatorActor : ReceiveActor
{
    private readonly CoordinatorBlueprint _blueprint;
    private readonly Admissions _admissions;
    private readonly SortedSet<string> _untold = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, IActorRef> _waiting = new(StringComparer.Ordinal);
    private IActorRef? _trainer;
    private readonly double _began = Context.System.Scheduler.MonotonicClock.TotalSeconds;
    private string? _ended;

    /// <summary>A coordinator that begins with nobody.</summary>
    public CoordinatorActor(CoordinatorBlueprint blueprint)
    {
        _blueprint = blueprint;

        // One before it may have given ids and died before a journal knew: whoever holds some is a member.
        var follows = blueprint.Membership.Members.Any(member => member.Status == PeerStatus.Up
            && member.Name != blueprint.Membership.Name);
        _admissions = new Admissions(blueprint.Own, blueprint.FirstWorker(), follows);
        Receive<AdmissionProtocol.Apply>(OnApply);
        Receive<AdmissionProtocol.EndKnown>(OnEndKnown);
        Receive<AdmissionProtocol.Unable>(unable => blueprint.Fail(unable.Reason));
        Receive<NodeAgent.ShardsReachable>(_ => _trainer ??= Context.ActorOf(blueprint.Trainer(), "trainer"));
        Receive<PeerDisconnected>(cut => Lose(cut.Address));
        Receive<PeerUnreachable>(lost => Lose(lost.Peer.Address));
        Receive<MembersAre>(now => now.Unreachable.ToList().ForEach(lost => Lose(lost.Address)));
        Receive<PeerChanged>(change => change.Peer.Status == PeerStatus.Removed, change => OnRemoved(change.Peer.Address));
        Receive<PeerChanged>(_ => { });
        Receive<RunEnded>(OnEnded);
        Receive<EveryoneKnows>(ask => Sender.Tell(_ended is not null && _untold.Count == 0));
        ReceiveAny(message => _trainer?.Forward(message));
    }

    /// <summary>Props of the actor.</summary>
    public static Props Props(CoordinatorBlueprint blueprint) => Akka.Actor.Props.Create(() => new CoordinatorActor(blueprint));

    /// <inheritdoc />
    protected override void PreStart()
    {
        _blueprint.Membership.Subscribe(Self);
        Context.ActorOf(MajorityGrantorActor.Props(_blueprint.Membership), MajorityHolderActor.Name);
        _blueprint.Agent.Tell(NodeAgent.TellWhenShardsReachable.Instance);
        var self = Self;
        _blueprint.Outcome.ContinueWith(
            done => self.Tell(new RunEnded(done.IsCompletedSuccessfully ? string.Empty : done.Exception?.InnerException?.Message
                ?? "it was cancelled")),
            TaskScheduler.Default);
    }

    private void OnApply(AdmissionProtocol.Apply apply)
    {
        if (_admissions.Decide(apply.Card, Context.System.Scheduler.MonotonicClock.TotalSeconds - _began) is not { } answer)
        {
            return; // it asks again
        }

        if (_ended is not null && answer is AdmissionProtocol.Admitted)
        {
            _untold.Add(apply.Card.Node);
            answer = new AdmissionProtocol.Ended(apply.Card.Node, _ended);
        }

        Sender.Tell(answer);
    }

    /// <summary>Whose connection breaks, or who cannot be reached, is taken as lost at once, long before the cluster decides: a worker that
    /// was only slow is fenced off, learns of it and joins again.</summary>
    private void Lose(string address)
    {
        foreach (var worker in _admissions.WorkersAt(address))
        {
            _trainer?.Tell(new TrainerActor.Lost(new WorkerId(worker)));
        }
    }

    private void OnRemoved(string address)
    {
        Lose(address);
        _untold.ExceptWith(_admissions.Nodes.Where(node => node.Address == address).Select(node => node.Node).ToArray());
        _admissions.Leave(address);
        Dismiss();
    }

    private void OnEndKnown(AdmissionProtocol.EndKnown known)
    {
        _untold.Remove(known.Node);
        _waiting[known.Node] = Sender;
        Dismiss();
    }

    /// <summary>Lets all go at once, when nobody is left who would be without a majority then and still waits to be told.</summary>
    private void Dismiss()
    {
        if (_ended is null || _untold.Count > 0)
        {
            return;
        }

        foreach (var (node, agent) in _waiting)
        {
            agent.Tell(new AdmissionProtocol.Dismissed(node));
        }

        _waiting.Clear();
    }

    private void OnEnded(RunEnded ended)
    {
        _ended = ended.Failure;
        foreach (var node in _admissions.Nodes)
        {
            _untold.Add(node.Node);
        }
    }

    /// <summary>Asks whether every node knows that the run is over; the answer is a bool.</summary>
    public sealed class EveryoneKnows
    {
        /// <summary>The message.</summary>
        public static EveryoneKnows Instance { get; } = new();
    }

    private sealed record RunEnded(string Failure);
}
