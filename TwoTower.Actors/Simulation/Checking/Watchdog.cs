using System.Globalization;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation.Faults;
using TwoTower.Actors.Work;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>Notices that a run goes nowhere, and says who waits for whom.</summary>
/// <param name="stallSeconds">Virtual seconds without progress after which the run is given up.</param>
/// <param name="gone">Knows who is gone for good.</param>
internal sealed class Watchdog(double stallSeconds, GoneForGood gone) : IWorldObserver
{
    private readonly SortedDictionary<NodeId, (NodeId For, string What, double Since)> _waiting = [];
    private readonly SortedSet<NodeId> _down = [];
    private double _lastProgress;

    public void Sent(double now, in Crossing crossing)
    {
        var what = crossing.Message switch
        {
            LeaseProtocol.Join => "to be welcomed",
            LeaseProtocol.LeaseRequest => "a lease",
            LeaseProtocol.Offer => "its gradient to be accepted or declined",
            ParameterProtocol.Pull => "rows",
            ParameterProtocol.Push => "an acknowledgement",
            LeaseProtocol.Completed => "its completion to be recorded",
            SnapshotProtocol.Evaluate => "a snapshot and its metrics",
            SnapshotProtocol.Read => "a shard's part of a snapshot",
            StateProtocol.Export => "a shard's state",
            ParameterProtocol.Fence => "a fence",
            _ => null,
        };
        if (what is not null)
        {
            var since = _waiting.TryGetValue(crossing.From, out var waits) && waits.For == crossing.To && waits.What == what
                ? waits.Since : now;
            _waiting[crossing.From] = (crossing.To, what, since);
        }
    }

    public void Delivered(double now, in Crossing crossing)
    {
        if (crossing.Message is ParameterProtocol.PushAck or LeaseProtocol.LeaseGranted or SnapshotProtocol.Part
            or SnapshotProtocol.Evaluated or StateProtocol.Image)
        {
            _lastProgress = now;
        }

        if (_waiting.TryGetValue(crossing.To, out var waits) && waits.For == crossing.From
            && crossing.Message is not (LeaseProtocol.LeaseRequest or LeaseProtocol.Join or SnapshotProtocol.Evaluate
                or StateProtocol.Export or SnapshotProtocol.Read))
        {
            _waiting.Remove(crossing.To);
        }
    }

    public void Working(double now, NodeId node, WorkKind kind, long size, double seconds) =>
        _lastProgress = Math.Max(_lastProgress, now + seconds);

    public void Fault(double now, NodeId? node, string what)
    {
        _lastProgress = Math.Max(_lastProgress, now);
        if (node is { } id)
        {
            _ = what is "crash" or "leave" || what.StartsWith("ends", StringComparison.Ordinal) ? _down.Add(id) : what is "restart"
                or "join" && _down.Remove(id);
        }
    }

    public void Changed(double now, NodeId? node, string what) => Fault(now, node, what);

    /// <summary>Gives up when nothing has gone on for too long.</summary>
    public void Check(double now)
    {
        if (now - _lastProgress > stallSeconds)
        {
            throw gone.NobodyLeft(now) is { } nobody ? new NobodyLeftException(nobody)
                : new WorldException(string.Create(CultureInfo.InvariantCulture,
                    $"Nothing has gone on since {_lastProgress:0.###} virtual seconds (now {now:0.###}). {Waiting()}"));
        }
    }

    /// <summary>Why a run cannot go on in which nothing is left to happen.</summary>
    public WorldException Ends(double now) => gone.NobodyLeft(now) is { } nobody
        ? new NobodyLeftException(nobody)
        : new WorldException(string.Create(CultureInfo.InvariantCulture,
            $"Nothing is left to happen after {now:0.###} virtual seconds, and training has not ended. {Waiting()}"));

    /// <summary>Who waits for whom, in words.</summary>
    public string Waiting()
    {
        var down = _down.Count > 0 ? $"Down: {string.Join(", ", _down)}. " : string.Empty;
        return down + (_waiting.Count == 0
            ? "Nobody waits for anything."
            : string.Join(' ', _waiting.Take(8)
                .Select(pair => string.Create(CultureInfo.InvariantCulture,
                $"{pair.Key} waits for {pair.Value.For} ({pair.Value.What}, since {pair.Value.Since:0.###} s)."))));
    }
}
