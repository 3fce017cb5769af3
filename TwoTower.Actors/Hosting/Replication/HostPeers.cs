using Akka.Actor;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Hosting.Replication;

/// <summary>The servers of a cluster as the host of one shard knows them, and the way to each.</summary>
/// <param name="blueprint">What the host was made from.</param>
/// <param name="self">The host.</param>
/// <param name="clock">Now, in seconds of the scheduler's clock.</param>
internal sealed class HostPeers(ShardHostBlueprint blueprint, IActorRef self, Func<double> clock)
{
    private readonly IActorRef _localStandby = blueprint.Link(blueprint.Local.Standby);
    private Dictionary<string, IActorRef> _servers = new(StringComparer.Ordinal);
    private int _coming;

    /// <summary>The server that the host is on.</summary>
    public string Local => blueprint.Local.Name;

    /// <summary>All servers.</summary>
    public IReadOnlyCollection<string> Names => _servers.Keys;

    /// <summary>Those that are not about to leave.</summary>
    public IReadOnlyList<string> Staying { get; private set; } = [];

    /// <summary>Those of them that the host is not on.</summary>
    public int Others => Staying.Count(server => server != Local);

    /// <summary>Servers that a copy can be given to, those included that are about to be admitted: what is acknowledged before they are
    /// would be on this server alone, although others are there.</summary>
    public int OthersSoon => _coming + Others;

    /// <summary>Seconds of the scheduler's clock.</summary>
    public double Now => clock();

    /// <summary>Membership has changed.</summary>
    public void Set(ServersChanged changed)
    {
        _servers = changed.Servers.ToDictionary(server => server.Name, server => blueprint.Link(server.Standby), StringComparer.Ordinal);
        Staying = [.. changed.Servers.Where(server => !server.Leaving).Select(server => server.Name)];
        _coming = changed.Coming.Count;
    }

    /// <summary>The standby of a server; null when that is no member.</summary>
    public IActorRef? WayTo(string server) => server == Local ? _localStandby : _servers.GetValueOrDefault(server);

    /// <summary>Sends a message to the standby of a member.</summary>
    public void Tell(string server, object message)
    {
        if (_servers.TryGetValue(server, out var standby))
        {
            standby.Tell(message, self);
        }
    }

    /// <summary>Sends a copy.</summary>
    /// <returns>The copy on its way; null when there is no way.</returns>
    public CopyUnderWay? Install(string server, Term term, long sequence, ShardRecord? record)
    {
        if (WayTo(server) is not { } way)
        {
            return null;
        }

        way.Tell(new ReplicaProtocol.Install(blueprint.Id, term, sequence, record), self);
        return new CopyUnderWay(Now);
    }

    /// <summary>Asks a server what it holds, the one that the host is on included.</summary>
    public void AskHeld(string server, Term term) =>
        WayTo(server)?.Tell(new ReplicaProtocol.Recall(blueprint.Id, term, WithRecord: false), self);

    /// <summary>Asks the endpoint what has become of a copy that has been on its way for long.</summary>
    public void AskIfDue(string server, CopyUnderWay copy)
    {
        if (copy.IsDue(Now, blueprint.Times.Retry))
        {
            AskTraffic(server);
        }
    }

    /// <summary>A server has not got a copy: the endpoint is asked once more, because a short answer overtakes a long message.</summary>
    public void AskOnceMore(string server, CopyUnderWay copy)
    {
        if (copy.OnMissing())
        {
            AskTraffic(server);
        }
    }

    private void AskTraffic(string server)
    {
        if (WayTo(server) is { } way)
        {
            blueprint.AskTraffic(way, server, self);
        }
    }
}
