using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Work;

namespace TwoTower.Actors.Simulation;

/// <summary>A message on its way from one node to another. Its buffers belong to the receiver: look
/// at them only while being told.</summary>
/// <param name="Number">Counts messages over the run; a doubled one keeps its number.</param>
/// <param name="From">Sender.</param>
/// <param name="To">Receiver.</param>
/// <param name="Message">The message.</param>
/// <param name="Bytes">Its size on the wire.</param>
public readonly record struct Crossing(long Number, NodeId From, NodeId To, object Message, long Bytes)
{
    /// <summary>Which actor of a node with several says it; two lives of one are two. Null where a node is one actor.</summary>
    public object? Speaker { get; init; }
}

/// <summary>Sees everything that happens in a simulated world: tracers, checkers, statistics. It must change nothing.</summary>
public interface IWorldObserver
{
    /// <summary>A message was handed to the network.</summary>
    void Sent(double now, in Crossing crossing)
    {
    }

    /// <summary>A message is about to be handled.</summary>
    void Delivered(double now, in Crossing crossing)
    {
    }

    /// <summary>A message will not arrive.</summary>
    void Dropped(double now, in Crossing crossing, string reason)
    {
    }

    /// <summary>Work begins that will take some seconds.</summary>
    void Working(double now, NodeId node, WorkKind kind, long size, double seconds)
    {
    }

    /// <summary>A node crashed, came back, left, joined or was slowed, a disk lost a write, or a part of the network
    /// changed: what a fault plan does.</summary>
    void Fault(double now, NodeId? node, string what)
    {
    }

    /// <summary>What is no fault, but happens of itself: a node became a member of its cluster, was taken for lost or removed, ended itself
    /// and was started again by its supervisor, or the time limit was reached.</summary>
    void Changed(double now, NodeId? node, string what)
    {
    }

    /// <summary>A node of a cluster says something that a person should know.</summary>
    void Said(double now, NodeId node, string text)
    {
    }

    /// <summary>Training ended by itself; what follows is actors being stopped.</summary>
    void Ended(double now, TrainingOutcome outcome)
    {
    }
}
