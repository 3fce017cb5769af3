using Akka.Actor;

namespace TwoTower.Actors.Hosting.Replication;

/// <summary>A server node and the way to its standby.</summary>
/// <param name="Name">Names one life of the node.</param>
/// <param name="Standby">Its <see cref="StandbyActor"/>.</param>
/// <param name="Leaving">Whether it is about to go: it still says what it holds, and is given nothing more to keep.</param>
internal sealed record ServerRef(string Name, IActorRef Standby, bool Leaving = false)
{
    /// <summary>Where it is, as a person knows it: "host:port".</summary>
    public string Address => AddressIn(Name);

    /// <summary>The address in the name of one life of a node, "protocol://system@host:port#life"; a name of
    /// another kind is left as it is.</summary>
    public static string AddressIn(string name)
    {
        var (start, end) = (name.LastIndexOf('@') + 1, name.LastIndexOf('#'));
        return start > 0 && end > start ? name[start..end] : name;
    }
}

/// <summary>Which servers there are and whose word is waited for. Synchronous; one thread at a time.</summary>
/// <remarks>A server counts from the moment at which its standby answers. The list is not <see cref="Known"/> while one has not answered: a
/// host that starts must not overlook the server that has its shard's copy, however busy that is. One whose node answers that it has no
/// standby (it has not been let in yet) holds nothing, and is left out until it has one. Whoever is dead is no member for long; one that
/// stays a member and silent for <see cref="Patience"/> rounds of questions is given up. One that leaves counts until it
/// has gone, for the same reason.</remarks>
internal sealed class ServerList
{
    /// <summary>Rounds of questions without an answer after which a server is waited for no longer: many times what the cluster
    /// takes to remove one that is dead.</summary>
    public const int Patience = 180;

    /// <summary>Rounds of questions without a standby after which a server is taken for one that comes no longer: several times what it
    /// takes to be let in, when words are lost too.</summary>
    public const int ComingRounds = 20;

    private readonly SortedDictionary<string, Server> _servers = new(StringComparer.Ordinal);

    /// <summary>Whether nobody has to be waited for.</summary>
    public bool Known => _servers.Values.All(server => server.Standby is not null || server.HasNone || server.Rounds >= Patience);

    /// <summary>Servers that are to be asked, in order of name.</summary>
    public IReadOnlyList<string> Silent => [.. _servers.Where(server => server.Value.Standby is null).Select(server => server.Key)];

    /// <summary>Servers that have no standby yet and are about to have one, in order of name: members for a short while, which have yet to
    /// be let in. A copy can be given to them soon.</summary>
    public IReadOnlyList<string> Coming =>
        [.. _servers.Where(server => server.Value is { Standby: null, Leaving: false, Rounds: < ComingRounds })
        .Select(server => server.Key)];

    /// <summary>Servers that have, in order of name.</summary>
    public IReadOnlyList<ServerRef> Servers =>
        [.. _servers.Where(server => server.Value.Standby is not null)
            .Select(server => new ServerRef(server.Key, server.Value.Standby!, server.Value.Leaving))];

    /// <summary>A server has come. One that is known stays what it is.</summary>
    public void Add(string name) => _servers.TryAdd(name, new Server());

    /// <summary>A server is about to go.</summary>
    /// <returns>Whether that changes <see cref="Servers"/>.</returns>
    public bool Leave(string name)
    {
        if (!_servers.TryGetValue(name, out var server) || server.Leaving)
        {
            return false;
        }

        server.Leaving = true;
        return server.Standby is not null;
    }

    /// <summary>A server has gone.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(string name) => _servers.Remove(name);

    /// <summary>A server's standby answers.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Answer(string name, IActorRef standby)
    {
        if (!_servers.TryGetValue(name, out var server) || server.Standby is not null)
        {
            return false;
        }

        server.Standby = standby;
        return true;
    }

    /// <summary>A server's node answers that it has no standby, and therefore no copy of anything.</summary>
    /// <returns>Whether that is news.</returns>
    public bool HasNone(string name)
    {
        if (!_servers.TryGetValue(name, out var server) || server.Standby is not null || server.HasNone)
        {
            return false;
        }

        return server.HasNone = true;
    }

    /// <summary>A round of questions has passed. By time, not by how often others come and go.</summary>
    public void Round()
    {
        foreach (var silent in _servers.Values.Where(server => server.Standby is null))
        {
            silent.Rounds++;
        }
    }

    private sealed class Server
    {
        public IActorRef? Standby { get; set; }

        public bool HasNone { get; set; }

        public bool Leaving { get; set; }

        public int Rounds { get; set; }
    }
}
