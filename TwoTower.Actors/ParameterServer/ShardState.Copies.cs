using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.ParameterServer;

// What others are given of the shard where no batch is in flight.
internal sealed partial class ShardState
{
    /// <summary>A copy of the parameters, with every batch before the step in it. Delayed views are left as they
    /// are: reading changes no training.</summary>
    public SnapshotProtocol.Part Snapshot(long step)
    {
        Settle(step);
        return new SnapshotProtocol.Part(Id, step, _applied.Frontier, InFlight, _users.CopyValues(),
            _items.CopyValues())
        { Absent = _users.Absent + _items.Absent };
    }

    /// <summary>A copy of everything a checkpoint and the final report need. Delayed views are let catch up: a run that goes on from the
    /// checkpoint begins with that.</summary>
    public StateProtocol.Image Export(long step)
    {
        if (Settle(step))
        {
            _views?.ShowAll(_version);
        }

        return new StateProtocol.Image(
            Id, step, _applied.Frontier, InFlight, _users.CopyState(), _items.CopyState(), Counters, _meter.Counts.Clone());
    }

    /// <summary>Applies what waits when no batch before the step is missing and none after it has come; true when that is so. A late copy
    /// of a request comes later and changes nothing.</summary>
    private bool Settle(long step)
    {
        if (_applied.Frontier != step || _applied.Gaps > 0)
        {
            return false;
        }

        _probe.ReachedIf(_waiting.Count > 0, ProtocolState.WaitingAppliedAtBoundary);
        ApplyWaiting(atLeast: 1);
        return true;
    }
}
