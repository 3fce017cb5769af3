using Akka.Actor;
using Akka.Dispatch.SysMsg;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Simulation.Faults;
using TwoTower.Actors.Simulation.Time;

namespace TwoTower.Actors.Simulation.Worlds;

// What goes wrong in a world, and how others learn of it.
internal sealed partial class SimulatedWorld
{
    private readonly List<(LinkRef Watched, IInternalActorRef Watcher)> _watches = [];

    /// <summary>A node's actor is gone at once, with all it knew, what its interface held and what it was computing or writing. Messages
    /// that had left it arrive. Those who watch it are told when the crash is detected.</summary>
    public void Crash(NodeId node)
    {
        var machine = NodeAt(node);
        if (machine.Actor is not { } actor)
        {
            return;
        }

        machine.Crash();
        _system.Stop(actor);
        Tell(node, "crash");
        AnnounceLater(node);
    }

    /// <summary>A crashed node starts again, with a new actor that knows only what was kept elsewhere.</summary>
    public void Restart(NodeId node)
    {
        var machine = NodeAt(node);
        if (machine.Actor is null && machine.Props is { } props)
        {
            machine.Incarnation++;
            machine.Actor = _system.ActorOf(props(), $"{node}-{machine.Incarnation}");
            Tell(node, "restart");
        }
    }

    /// <summary>A machine becomes slower by a factor, or as fast as it was at 1.</summary>
    public void Slow(NodeId node, double factor) => _faults.Slow(node, factor);

    /// <summary>Cuts links, besides those that are cut already. A message is lost when its link is cut as it
    /// is sent or as it would arrive.</summary>
    public void Cut(NetworkCut cut) => _faults.Cut(cut);

    /// <summary>Takes a cut back. Links that other cuts sever stay severed.</summary>
    public void Heal(NetworkCut cut) => _faults.Heal(cut);

    /// <summary>The next write to a node's disk will report success and leave nothing.</summary>
    public void LoseNextWrite(NodeId node) => _faults.LoseNextWrite(node);

    /// <summary>For whoever keeps a node's disk, once per write: whether this one is to report success and leave nothing.</summary>
    public bool TakeLostWrite(NodeId node) => NodeAt(node).TakeLostWrite();

    /// <summary>Every actor has a node of its own here, and nobody could go on in its place.</summary>
    /// <exception cref="WorldException">Always.</exception>
    public void Leave(NodeId node) =>
        throw new WorldException($"{node} cannot leave: only nodes of a cluster can (world.topology=cluster).");

    internal void Watch(LinkRef watched, IInternalActorRef watcher)
    {
        if (_watches.Any(watch => watch.Watched == watched && watch.Watcher.Equals(watcher)))
        {
            return;
        }

        _watches.Add((watched, watcher));
        if (NodeAt(watched.To) is { Actor: null, Crashes: > 0 })
        {
            AnnounceLater(watched.To); // who begins to watch a node that is down learns it too
        }
    }

    internal void Unwatch(LinkRef watched, IInternalActorRef watcher) =>
        _watches.RemoveAll(watch => watch.Watched == watched && watch.Watcher.Equals(watcher));

    private void AnnounceLater(NodeId node)
    {
        var machine = NodeAt(node);
        var crashes = machine.Crashes;
        _time.After(VirtualTime.TicksOf(_options.DetectionSeconds), new VirtualCall(() =>
        {
            if (machine.Actor is null && machine.Crashes == crashes)
            {
                Announce(node);
            }
        }));
    }

    private void Announce(NodeId node)
    {
        foreach (var (watched, watcher) in _watches.Where(watch => watch.Watched.To == node).ToArray())
        {
            Unwatch(watched, watcher);
            watcher.SendSystemMessage(new DeathWatchNotification(watched, true, false));
        }
    }
}
