using TwoTower.Actors.Protocol.Declarations;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Actors.Protocol;

/// <summary>Whoever shows the cluster ↔ every server node. Asking again is harmless.</summary>
internal static class CopiesProtocol
{
    /// <summary>Asks which copies the shards on a node have.</summary>
    [Manifest("c.describe.1")]
    public sealed record Describe
    {
        /// <summary>The message.</summary>
        public static Describe Instance { get; } = new();
    }

    /// <summary>The answer to <see cref="Describe"/>: shards that are at work on the node, in the order of their numbers.</summary>
    [Manifest("c.described.2")]
    public sealed record Described(ShardCopies[] Shards) : IWireChecked
    {
        /// <summary>As many shards as a run may have.</summary>
        private const int MostShards = 1024;

        string? IWireChecked.Fault =>
            Shards.Length > MostShards ? $"{Shards.Length} shards are more than the {MostShards} there may be."
            : Shards.Any(shard => shard.Shard < 0 || shard.Wanted < 0 || shard.There < 0 || shard.Others < 0) ? "A count is negative."
            : Shards.Any(shard => shard.LackingSeconds is < 0 || !double.IsFinite(shard.LackingSeconds ?? 0))
                ? "A time is negative or not finite."
            : null;
    }
}
