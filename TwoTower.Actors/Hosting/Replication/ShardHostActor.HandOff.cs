using Akka.Actor;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Hosting.Replication;

// How a host leaves the shard to the next.
internal sealed partial class ShardHostActor
{
    private readonly HashSet<string> _left = new(StringComparer.Ordinal);
    private ShardRecord? _lastCopy;
    private (long Sent, long Done) _lastProgress;
    private bool _leaving;
    private bool _leftCopies;

    /// <summary>Takes no more requests (they are sent again, and find the next host), lets the shard finish what it is writing, and sees to
    /// it that others have all it knows.</summary>
    private void OnHandOff()
    {
        if (_leaving)
        {
            return;
        }

        if (_shard is null || Probe.Plants(PlantedFault.HandOffNotAwaited))
        {
            // Whatever there is of the shard is where it was.
            Context.Stop(Self);
            return;
        }

        _leaving = true;
        MovesOn();
        Timers.StartSingleTimer(nameof(Overdue), Overdue.Instance, TimeSpan.FromSeconds(_blueprint.Times.HandOff));
        _shard.Tell(new ParameterShardActor.TakeCopy(string.Empty, Last: true));
    }

    private void OnLastCopy(ShardRecord record)
    {
        _lastCopy = record;
        if (record.Round.Count > 0)
        {
            Probe.Reached(ProtocolState.HandedOffInsideRound);
        }

        // With the server that it is on: the next host may well be there, and without it the shard would be on one server fewer than was
        // promised until the next host has given copies to others.
        LeaveWith(_blueprint.Local.Name);
        if (_log!.Standbys.Count == 0)
        {
            // And with another in case that goes.
            _leftCopies = true;
            foreach (var server in StandbyChoice.Choose(_id, _staying, _blueprint.Local.Name, [], 1))
            {
                LeaveWith(server);
            }
        }

        GoOnLeaving();
    }

    private void LeaveWith(string server)
    {
        _left.Add(server);
        GiveCopy(server, _log!.Last, _lastCopy);
    }

    /// <summary>Whether those who are to keep the shard have more of it than when this was last asked. The region's
    /// own hand-off-timeout is over it.</summary>
    private bool MovesOn()
    {
        var progress = (_giving.Values.Sum(copy => copy.Sent), _log!.Standbys.Sum(standby => _log.DoneBy(standby) ?? 0));
        var more = progress != _lastProgress;
        _lastProgress = progress;
        return more;
    }

    /// <summary>Stops when everybody who is to keep the shard has all of it.</summary>
    private void GoOnLeaving()
    {
        foreach (var gone in _left.Where(server => server != _blueprint.Local.Name && !_staying.Contains(server)).ToArray())
        {
            _left.Remove(gone);
            _giving.Remove(gone);
        }

        foreach (var gone in _log!.Standbys.Where(standby => !_staying.Contains(standby)).ToArray())
        {
            _log.Remove(gone);
        }

        if (_lastCopy is not { } last || _left.Count > 0 || _log.Safe < _log.Last)
        {
            return;
        }

        if (_log.Standbys.Count == 0 && !_leftCopies)
        {
            // The standbys died while the shard was leaving.
            Probe.Reached(ProtocolState.StandbysDiedWhileLeaving);
            OnLastCopy(last);
            return;
        }

        Context.Stop(Self);
    }
}
