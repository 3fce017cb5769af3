using Akka.Actor;
using TwoTower.Actors.Hosting.Membership;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Simulation.Faults;
using TwoTower.Actors.Simulation.Time;

namespace TwoTower.Actors.Simulation.Clusters;

// What goes wrong in a cluster, and how others learn of it.
internal sealed partial class ClusterWorld
{
    /// <summary>From the end of a process until others see their connections to it break.</summary>
    private const double BreakSeconds = 1e-3;

    /// <summary>From the end of a node's membership to that of its process.</summary>
    private const double ShutDownSeconds = 0.01;

    /// <summary>Between two attempts to tell another node that an actor has ended.</summary>
    private const double SystemMessageRetrySeconds = 0.5;

    private readonly SortedSet<string> _up = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _downed = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _removed = new(StringComparer.Ordinal);

    public void Crash(NodeId node)
    {
        var machine = MachineAt(node);
        if (machine.Life is { Alive: true } life)
        {
            machine.Crash();
            life.Die(_system);
            Tell(node, "crash");
            Disconnect(life);
        }
    }

    public void Restart(NodeId node)
    {
        var machine = MachineAt(node);
        if (machine.Life is { Alive: true } life)
        {
            machine.JoinsAgain |= life.Leaves; // as soon as it has left
            return;
        }

        StartAgain(node, Tell);
    }

    private void StartAgain(NodeId node, Action<NodeId?, string> tell)
    {
        var machine = MachineAt(node);
        machine.JoinsAgain = false;

        // Where nobody has been let in any more the first that is started again founds the cluster anew, as its supervisor sees to.
        StartLife(machine, founds: !_machines.Values.Any(other => other.Life is { Alive: true, IsLetIn: true }));
        tell(node, machine.Lives == 1 ? "join" : "restart");
    }

    public void Leave(NodeId node)
    {
        if (MachineAt(node).Life is { Alive: true } life)
        {
            Tell(node, "leave");
            life.Leave();
        }
    }

    public void Slow(NodeId node, double factor) => _faults.Slow(node, factor);

    public void Cut(NetworkCut cut) => _faults.Cut(cut);

    public void Heal(NetworkCut cut) => _faults.Heal(cut);

    public void LoseNextWrite(NodeId node) => _faults.LoseNextWrite(node);

    public void Tell(NodeId? node, string what)
    {
        foreach (var observer in _observers)
        {
            observer.Fault(_time.Seconds, node, what);
        }
    }

    public void TellChanged(NodeId? node, string what)
    {
        foreach (var observer in _observers)
        {
            observer.Changed(_time.Seconds, node, what);
        }
    }

    /// <summary>A process ends itself: it was downed, has left, or has nothing to do. Its supervisor
    /// starts it again unless it has left.</summary>
    public void EndedItself(NodeLife life, string why)
    {
        life.Machine.Crash();
        life.Die(_system);
        TellChanged(life.Node, $"ends: {why}");
        Disconnect(life);
        if ((!life.ExitConfirmed || ((ClusterMachine)life.Machine).JoinsAgain) && _body.StartsAgain)
        {
            _time.After(VirtualTime.TicksOf(_times.Supervisor), new VirtualCall(() =>
            {
                if (MachineAt(life.Node) is var machine && machine.Life == life)
                {
                    StartAgain(life.Node, machine.JoinsAgain ? Tell : TellChanged); // a join that came while it still left was planned
                }
            }));
        }
    }

    /// <summary>A process ends itself when what it does now is done.</summary>
    public void EndSoon(NodeLife life, string why) =>
        _time.After(VirtualTime.TicksOf(ShutDownSeconds), new VirtualCall(() => life.EndItself(why)));

    /// <summary>An actor that is watched from elsewhere has ended: word of it is sent until it is there.</summary>
    public void Ended(NodeLife home, IActorRef actor)
    {
        foreach (var machine in _machines.Values.Where(machine => machine.Life is { Alive: true } && machine.Life != home))
        {
            TellEnded(home, machine.Life!, actor);
        }
    }

    /// <summary>For observers: a member is up somewhere for the first time.</summary>
    public void TellUp(Peer peer)
    {
        if (_up.Add(peer.Name))
        {
            TellChanged(LifeOf(peer.Name).Node, "up");
        }
    }

    /// <summary>For observers: a member is taken for lost somewhere for the first time.</summary>
    public void TellDowned(Peer peer)
    {
        if (_downed.Add(peer.Name) && _up.Contains(peer.Name))
        {
            TellChanged(LifeOf(peer.Name).Node, "downed");
        }
    }

    /// <summary>For observers: a member is removed somewhere for the first time.</summary>
    public void TellRemoved(Peer peer)
    {
        if (_removed.Add(peer.Name) && _up.Contains(peer.Name))
        {
            TellChanged(LifeOf(peer.Name).Node, "removed");
        }
    }

    private void TellEnded(NodeLife home, NodeLife at, IActorRef actor) =>
        _time.After(VirtualTime.TicksOf(BreakSeconds), new VirtualCall(() =>
        {
            if (home.Alive && at.Alive)
            {
                if (Connects(home, at))
                {
                    at.Bury(actor);
                }
                else
                {
                    _time.After(VirtualTime.TicksOf(SystemMessageRetrySeconds), new VirtualCall(() => TellEnded(home, at, actor)));
                }
            }
        }));

    private void Disconnect(NodeLife gone) => _time.After(VirtualTime.TicksOf(BreakSeconds), new VirtualCall(() =>
    {
        foreach (var machine in _machines.Values)
        {
            if (machine.Life is { Alive: true } life && life != gone && !_network.IsCut(gone.Node, life.Node))
            {
                life.Membership.Disconnect(gone.Peer.Address);
            }
        }
    }));

    /// <summary>The connection of one who has been removed is refused, and that is what it learns it from.</summary>
    private void Refuse(NodeLife by, NodeLife removed) => _time.After(VirtualTime.TicksOf(BreakSeconds), new VirtualCall(() =>
    {
        if (Connects(by, removed))
        {
            removed.Find(GossipActor.Name)?.Tell(new GossipMessages.RemovedBy(by.Peer.Address));
        }
    }));

    /// <summary>What a node says to a person.</summary>
    public void Say(NodeLife life, string text)
    {
        foreach (var observer in _observers)
        {
            observer.Said(_time.Seconds, life.Node, text);
        }
    }
}
