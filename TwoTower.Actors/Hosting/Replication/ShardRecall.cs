using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Hosting.Replication;

/// <summary>What a host that starts has heard of the shard from servers. Synchronous; one thread at a time.</summary>
/// <remarks>It waits for every server that is there: who holds the newest copy is not known before, and one that is lost leaves the cluster
/// and is waited for no longer.</remarks>
/// <param name="shard">Which shard.</param>
/// <param name="life">Tells this host from others.</param>
/// <param name="near">The server whose copy has the shortest way; taken where others have the same.</param>
internal sealed class ShardRecall(ShardId shard, long life, string near)
{
    private readonly SortedDictionary<string, ReplicaProtocol.Held?> _servers = new(StringComparer.Ordinal);

    /// <summary>The term that the host wants to begin.</summary>
    public Term Term { get; private set; } = new(1, life);

    /// <summary>Servers that are there.</summary>
    public int Servers => _servers.Count;

    /// <summary>Servers that have not answered.</summary>
    public IReadOnlyList<string> Silent => [.. _servers.Where(server => server.Value is null).Select(server => server.Key)];

    /// <summary>Whether every server has said how far its copy goes.</summary>
    public bool Complete => _servers.Count > 0 && _servers.Values.All(held => held is not null);

    /// <summary>Who holds the newest copy of those that have answered; null when nobody has one.</summary>
    public ReplicaProtocol.Held? Best => _servers.Values.Where(held => held is not null && held.Term > Term.None)
        .OrderByDescending(held => held!.Term).ThenByDescending(held => held!.Sequence).ThenBy(held => held!.Server == near ? 0 : 1)
        .FirstOrDefault();

    /// <summary>Who is there now. What others had said is forgotten.</summary>
    public void SetServers(IReadOnlyCollection<string> servers)
    {
        foreach (var gone in _servers.Keys.Except(servers).ToArray())
        {
            _servers.Remove(gone);
        }

        foreach (var server in servers)
        {
            _servers.TryAdd(server, null);
        }
    }

    /// <summary>A server says what it holds. An answer to a question of another term, or of a server that has gone, says nothing.</summary>
    public void Hear(ReplicaProtocol.Held held)
    {
        if (held.Shard == shard && held.Asked == Term && _servers.ContainsKey(held.Server))
        {
            _servers[held.Server] = held;
        }
    }

    /// <summary>A server knows a higher term: everybody has to be asked again with one that is higher
    /// still. False when that is no news.</summary>
    public bool Outbid(Term refusal)
    {
        if (refusal < Term)
        {
            return false;
        }

        Term = new Term(refusal.Number + 1, life);
        foreach (var server in _servers.Keys.ToArray())
        {
            _servers[server] = null;
        }

        return true;
    }
}
