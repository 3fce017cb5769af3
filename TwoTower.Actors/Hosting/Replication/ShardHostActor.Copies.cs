using System.Globalization;
using Akka.Actor;
using TwoTower.Actors.Hosting.Endpoints;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Actors.Hosting.Replication;

// How copies of a shard get from a host to others, and to it from them.
internal sealed partial class ShardHostActor
{
    private readonly SortedDictionary<string, CopyUnderWay> _giving = new(StringComparer.Ordinal);
    private double? _lackingSince;
    private (string From, CopyUnderWay Copy)? _fetching;

    private void AskForCopy(string standby)
    {
        var from = _log!.Add(standby);
        _ = Probe.Plants(PlantedFault.CopyNotAwaited) && _log.Install(standby, from);
        _giving.Remove(standby);
        _shard!.Tell(new ParameterShardActor.TakeCopy($"{_log.Last}@{standby}", Last: false));
    }

    private void OnCopied(ParameterShardActor.Copied copied)
    {
        if (copied.Request.Last)
        {
            OnLastCopy(copied.Record);
            return;
        }

        var (at, standby) = (copied.Request.Name[..copied.Request.Name.IndexOf('@')],
            copied.Request.Name[(copied.Request.Name.IndexOf('@') + 1)..]);
        if (_log!.Standbys.Contains(standby) && !_log.IsInstalled(standby))
        {
            GiveCopy(standby, long.Parse(at, CultureInfo.InvariantCulture), copied.Record);
        }
    }

    private void GiveCopy(string server, long sequence, ShardRecord? record)
    {
        if (WayTo(server) is { } way)
        {
            _giving[server] = new CopyUnderWay(Now);
            way.Tell(new ReplicaProtocol.Install(_id, _term, sequence, record), Self);
        }
    }

    private void OnInstalled(ReplicaProtocol.Installed installed)
    {
        if (_log is null || installed.Term != _term)
        {
            return;
        }

        if (installed.Sequence >= _log.Last && _left.Remove(installed.Server))
        {
            _giving.Remove(installed.Server);
        }

        if (_log.Install(installed.Server, installed.Sequence))
        {
            _giving.Remove(installed.Server);
            SendDue(installed.Server);
            ReleaseOthers();
            TellCopies();
        }

        LetGo();
    }

    private void Fetch(string from)
    {
        _fetching = (from, new CopyUnderWay(Now));
        Tell(from, new ReplicaProtocol.Recall(_id, _recall.Term, WithRecord: true));
    }

    /// <summary>Asks what has become of the copies that are on their way.</summary>
    private void LookAfterCopies()
    {
        foreach (var (server, copy) in _giving)
        {
            AskTraffic(server, copy);
        }

        if (_shard is null && _fetching is var (from, coming))
        {
            AskTraffic(from, coming);
        }
    }

    private void AskTraffic(string server, CopyUnderWay copy)
    {
        if (copy.IsDue(Now, _blueprint.Times.Retry) && WayTo(server) is { } way)
        {
            _blueprint.AskTraffic(way, server, Self);
        }
    }

    private void OnTraffic(EndpointTraffic traffic)
    {
        if (_shard is not null && _giving.TryGetValue(traffic.About, out var copy))
        {
            var step = copy.OnTraffic(traffic.ToSend > 0, traffic.Sent, traffic.ToSend);
            TellCopies();
            if (step == CopyUnderWay.Step.Ask)
            {
                WayTo(traffic.About)?.Tell(new ReplicaProtocol.Recall(_id, _term, WithRecord: false), Self);
            }
            else if (step == CopyUnderWay.Step.Again)
            {
                GiveAgain(traffic.About);
            }
        }
        else if (_shard is null && _fetching is var (from, coming) && from == traffic.About)
        {
            var step = coming.OnTraffic(traffic.Comes);
            if (step == CopyUnderWay.Step.Ask)
            {
                Tell(from, new ReplicaProtocol.Recall(_id, _recall.Term, WithRecord: false));
            }
            else if (step == CopyUnderWay.Step.Again)
            {
                Fetch(from);
            }
        }
    }

    /// <summary>A server says how far its copy is, because it was asked what has become of one that is on its way.</summary>
    private void OnHeldMeanwhile(ReplicaProtocol.Held held)
    {
        if (held.Asked != _term || !_giving.TryGetValue(held.Server, out var copy))
        {
            return;
        }

        if (held.Term == _term)
        {
            OnInstalled(new ReplicaProtocol.Installed(_id, _term, held.Server, held.Sequence)); // its word that the copy has come is lost
        }

        if (_giving.ContainsKey(held.Server))
        {
            AskOnceMore(held.Server, copy);
        }
    }

    private void AskOnceMore(string server, CopyUnderWay copy)
    {
        if (copy.OnMissing() && WayTo(server) is { } way)
        {
            _blueprint.AskTraffic(way, server, Self);
        }
    }

    private void GiveAgain(string server)
    {
        Probe.Reached(ProtocolState.CopyTakenAgain);
        if (_left.Contains(server))
        {
            GiveCopy(server, _log!.Last, _lastCopy);
        }
        else if (_log!.Standbys.Contains(server))
        {
            AskForCopy(server);
        }
        else
        {
            _giving.Remove(server);
        }
    }

    /// <summary>Tells how many copies there are, and since when too few.</summary>
    private void TellCopies()
    {
        var there = _log!.Standbys.Count(_log.IsInstalled);
        if (_log.Standbys.Count < _replicas)
        {
            Probe.Reached(ProtocolState.FewerCopiesThanPromised);
        }

        _lackingSince = there < _replicas ? _lackingSince ?? Now : null;
        var others = _staying.Count(server => server != _blueprint.Local.Name);
        _blueprint.Copies(
            new ShardCopies(_id.Value, _replicas, there, others, _giving.Values.Sum(copy => copy.Sent),
                _giving.Values.Sum(copy => copy.ToSend), Waits: _log.Least > there), _lackingSince);
    }

    private IActorRef? WayTo(string server) => server == _blueprint.Local.Name ? _localStandby : _servers.GetValueOrDefault(server);
}
