using System.Runtime.ExceptionServices;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Work;

namespace TwoTower.Actors.Simulation;

/// <summary>Shows everything to several observers, and keeps the first exception of one of them for whoever runs the world: thrown into an
/// actor that was sending a message, it would be that actor's failure. After it nobody is shown any more.</summary>
/// <param name="observers">The observers, in the order in which they are told.</param>
internal sealed class ObserverGuard(IReadOnlyList<IWorldObserver> observers) : IWorldObserver
{
    private ExceptionDispatchInfo? _failure;

    /// <summary>Throws what an observer has thrown.</summary>
    public void ThrowFailure() => _failure?.Throw();

    public void Sent(double now, in Crossing crossing)
    {
        for (var n = 0; _failure is null && n < observers.Count; n++)
        {
            try
            {
                observers[n].Sent(now, crossing);
            }
            catch (Exception failure)
            {
                Keep(failure);
            }
        }
    }

    public void Delivered(double now, in Crossing crossing)
    {
        for (var n = 0; _failure is null && n < observers.Count; n++)
        {
            try
            {
                observers[n].Delivered(now, crossing);
            }
            catch (Exception failure)
            {
                Keep(failure);
            }
        }
    }

    public void Dropped(double now, in Crossing crossing, string reason)
    {
        for (var n = 0; _failure is null && n < observers.Count; n++)
        {
            try
            {
                observers[n].Dropped(now, crossing, reason);
            }
            catch (Exception failure)
            {
                Keep(failure);
            }
        }
    }

    public void Working(double now, NodeId node, WorkKind kind, long size, double seconds)
    {
        for (var n = 0; _failure is null && n < observers.Count; n++)
        {
            try
            {
                observers[n].Working(now, node, kind, size, seconds);
            }
            catch (Exception failure)
            {
                Keep(failure);
            }
        }
    }

    public void Fault(double now, NodeId? node, string what)
    {
        for (var n = 0; _failure is null && n < observers.Count; n++)
        {
            try
            {
                observers[n].Fault(now, node, what);
            }
            catch (Exception failure)
            {
                Keep(failure);
            }
        }
    }

    public void Changed(double now, NodeId? node, string what)
    {
        for (var n = 0; _failure is null && n < observers.Count; n++)
        {
            try
            {
                observers[n].Changed(now, node, what);
            }
            catch (Exception failure)
            {
                Keep(failure);
            }
        }
    }

    public void Said(double now, NodeId node, string text)
    {
        for (var n = 0; _failure is null && n < observers.Count; n++)
        {
            try
            {
                observers[n].Said(now, node, text);
            }
            catch (Exception failure)
            {
                Keep(failure);
            }
        }
    }

    private void Keep(Exception failure) => _failure = ExceptionDispatchInfo.Capture(failure);
}
