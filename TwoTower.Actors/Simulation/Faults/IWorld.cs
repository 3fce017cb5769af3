using Akka.Actor;
using TwoTower.Actors.Ids;

namespace TwoTower.Actors.Simulation.Faults;

/// <summary>A simulated world as those see it who let things go wrong in it.</summary>
internal interface IWorld
{
    /// <summary>All nodes that have been started.</summary>
    IEnumerable<NodeId> Nodes { get; }

    /// <summary>The seed of network, machines and faults.</summary>
    long Seed { get; }

    /// <summary>The trainer, or who hands messages on to it; null while it is down.</summary>
    IActorRef? Trainer { get; }

    /// <summary>A node is gone at once, with all it knew, what its interface held and what it was computing or writing.
    /// Messages that had left it arrive.</summary>
    void Crash(NodeId node);

    /// <summary>A node that has crashed or left starts again, knowing only what was kept elsewhere.</summary>
    void Restart(NodeId node);

    /// <summary>A node of a cluster leaves it: what it has it hands over first. Where every actor
    /// has a node of its own nobody can.</summary>
    void Leave(NodeId node);

    /// <summary>A machine becomes slower by a factor, or as fast as it was at 1.</summary>
    void Slow(NodeId node, double factor);

    /// <summary>Cuts links, besides those that are cut already. A message is lost when its link is cut as it
    /// is sent or as it would arrive.</summary>
    void Cut(NetworkCut cut);

    /// <summary>Takes a cut back. Links that other cuts sever stay severed.</summary>
    void Heal(NetworkCut cut);

    /// <summary>The next write to a node's disk will report success and leave nothing.</summary>
    void LoseNextWrite(NodeId node);

    /// <summary>Tells the observers of a fault.</summary>
    void Tell(NodeId? node, string what);

    /// <summary>Tells the observers of a change that is no fault.</summary>
    void TellChanged(NodeId? node, string what);
}
