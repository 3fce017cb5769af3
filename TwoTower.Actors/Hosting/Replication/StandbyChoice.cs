using TwoTower.Actors.Ids;

namespace TwoTower.Actors.Hosting.Replication;

/// <summary>Which servers hold copies of a shard.</summary>
internal static class StandbyChoice
{
    /// <summary>Keeps who has a copy, so that nothing is sent without need, and fills up with others in an order that differs from shard to
    /// shard, so that copies spread evenly.</summary>
    /// <param name="shard">Which shard.</param>
    /// <param name="servers">Servers that are there.</param>
    /// <param name="own">The server that the shard lives on, which is no standby of itself.</param>
    /// <param name="current">Servers that have a copy or are being given one.</param>
    /// <param name="count">How many are wanted; fewer come out when there are fewer servers.</param>
    public static IReadOnlyList<string> Choose(ShardId shard, IEnumerable<string> servers, string own,
        IReadOnlyCollection<string> current, int count)
    {
        var others = servers.Where(server => server != own).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var first = others.Length == 0 ? 0 : shard.Value % others.Length;
        var order = others[first..].Concat(others[..first]);
        return [.. order.OrderBy(server => current.Contains(server) ? 0 : 1).Take(count)];
    }
}
