using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Actors.Protocol;

/// <summary>Whoever shows the cluster ↔ every server node. Asking again is harmless.</summary>
internal static class CopiesProtocol
{
    /// <summary>Asks which copies the shards on a node have.</summary>
    public sealed record Describe
    {
        /// <summary>The message.</summary>
        public static Describe Instance { get; } = new();
    }

    /// <summary>The answer to <see cref="Describe"/>: shards that are at work on the node, in the order of their numbers.</summary>
    public sealed record Described(ShardCopies[] Shards);
}
