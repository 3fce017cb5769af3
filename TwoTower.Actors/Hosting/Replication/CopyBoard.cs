using System.Collections.Concurrent;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Actors.Hosting.Replication;

/// <summary>What the hosts of shards on a node have told of their copies. Written by many, read by one.</summary>
internal sealed class CopyBoard
{
    private readonly ConcurrentDictionary<int, (ShardCopies Copies, double? Since)> _shards = new();

    /// <summary>A host tells.</summary>
    public void Post(ShardCopies copies, double? lackingSince) => _shards[copies.Shard] = (copies, lackingSince);

    /// <summary>A host has ended.</summary>
    public void Remove(int shard) => _shards.TryRemove(shard, out _);

    /// <summary>What there is at a moment, in the order of shards.</summary>
    public ShardCopies[] At(double now) =>
        [.. _shards.Values.OrderBy(shard => shard.Copies.Shard)
            .Select(shard => shard.Copies with { LackingSeconds = shard.Since is { } since ? Math.Max(0, now - since) : null })];
}
