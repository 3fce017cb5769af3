using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Work;

namespace TwoTower.Node.Reproductions;

/// <summary>The share of the workers' time without a gradient to compute, up to the last lease of the run.</summary>
/// <param name="workers">Workers.</param>
internal sealed class IdleWhileLeasing(int workers) : IWorldObserver
{
    private readonly List<(double From, double To)> _computing = [];
    private double _lastLease;

    /// <summary>The share, 0 to 1.</summary>
    public double Share => 1 - (_computing.Sum(work => Math.Max(0, Math.Min(work.To, _lastLease) - work.From)) / (workers * _lastLease));

    public void Sent(double now, in Crossing crossing)
    {
        if (crossing.Message is LeaseProtocol.LeaseGranted)
        {
            _lastLease = now;
        }
    }

    public void Working(double now, NodeId node, WorkKind kind, long size, double seconds)
    {
        if (kind == WorkKind.Gradient)
        {
            _computing.Add((now, now + seconds));
        }
    }
}
