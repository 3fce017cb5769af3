using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Hosting.Replication;

/// <summary>The last part of a host's life: how it leaves the shard to the next. It takes no more requests (they are sent again, and find
/// the next host), lets the shard finish what it is writing, and stops when others have all it knows.</summary>
/// <param name="blueprint">What the host was made from.</param>
/// <param name="peers">The servers.</param>
/// <param name="served">The shard.</param>
/// <param name="stop">Stops the host.</param>
internal sealed class ShardDeparture(ShardHostBlueprint blueprint, HostPeers peers, ServedShard served, Action stop)
{
    private readonly HashSet<string> _left = new(StringComparer.Ordinal);
    private ShardRecord? _lastCopy;
    private (long Sent, long Done) _lastProgress;
    private bool _leftCopies;

    /// <summary>Lets the shard finish.</summary>
    public void Begin()
    {
        served.Progressed = GoOn;
        served.GiveLastAgain = GiveLastAgain;
        MovesOn();
        served.TakeLastCopy();
    }

    /// <summary>The shard has finished, and this is all of it.</summary>
    public void OnLastCopy(ShardRecord record)
    {
        _lastCopy = record;
        if (record.Round.Count > 0)
        {
            blueprint.Shard.Probe.Reached(ProtocolState.HandedOffInsideRound);
        }

        // With the server that it is on: the next host may well be there, and without it the shard would be on one server fewer than was
        // promised until the next host has given copies to others.
        LeaveWith(peers.Local);
        if (served.Log.Standbys.Count == 0)
        {
            // And with another in case that goes.
            _leftCopies = true;
            foreach (var server in StandbyChoice.Choose(blueprint.Id, peers.Staying, peers.Local, [], 1))
            {
                LeaveWith(server);
            }
        }

        GoOn();
    }

    /// <summary>A server has a copy.</summary>
    public void OnInstalled(ReplicaProtocol.Installed installed)
    {
        if (installed.Sequence >= served.Log.Last && _left.Remove(installed.Server))
        {
            served.EndCopy(installed.Server);
        }
    }

    /// <summary>Whether those who are to keep the shard have more of it than when this was last asked. The region's
    /// own hand-off-timeout is over it.</summary>
    public bool MovesOn()
    {
        var progress = (served.Sent, served.Log.Standbys.Sum(standby => served.Log.DoneBy(standby) ?? 0));
        var more = progress != _lastProgress;
        _lastProgress = progress;
        return more;
    }

    /// <summary>Stops the host when everybody who is to keep the shard has all of it.</summary>
    public void GoOn()
    {
        foreach (var gone in _left.Where(server => server != peers.Local && !peers.Staying.Contains(server)).ToArray())
        {
            _left.Remove(gone);
            served.EndCopy(gone);
        }

        foreach (var gone in served.Log.Standbys.Where(standby => !peers.Staying.Contains(standby)).ToArray())
        {
            served.Log.Remove(gone);
        }

        if (_lastCopy is not { } last || _left.Count > 0 || served.Log.Safe < served.Log.Last)
        {
            return;
        }

        if (served.Log.Standbys.Count == 0 && !_leftCopies)
        {
            // The standbys died while the shard was leaving.
            blueprint.Shard.Probe.Reached(ProtocolState.StandbysDiedWhileLeaving);
            OnLastCopy(last);
            return;
        }

        stop();
    }

    private void LeaveWith(string server)
    {
        _left.Add(server);
        served.Give(server, served.Log.Last, _lastCopy);
    }

    private bool GiveLastAgain(string server)
    {
        if (!_left.Contains(server))
        {
            return false;
        }

        served.Give(server, served.Log.Last, _lastCopy);
        return true;
    }
}
