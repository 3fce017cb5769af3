using Akka.Actor;
using TwoTower.Actors.Ids;

namespace TwoTower.Actors.Simulation.Clusters;

/// <summary>Regions ↔ the regions' coordinator. Every message may be lost, and is sent again.</summary>
internal static class RegionMessages
{
    /// <summary>Region → coordinator: it is there, and whether it wants to be rid of what it has.</summary>
    public sealed record Register(string Region, bool Leaves);

    /// <summary>Region → coordinator: "where is this shard?"</summary>
    public sealed record GetHome(ShardId Shard, string Region);

    /// <summary>The answer.</summary>
    public sealed record Home(ShardId Shard, string Region);

    /// <summary>Coordinator → every region: this shard is about to move; keep what is for it.</summary>
    public sealed record BeginHandOff(ShardId Shard, long Move);

    /// <summary>The answer.</summary>
    public sealed record BeganHandOff(ShardId Shard, long Move, string Region);

    /// <summary>Coordinator → the region that has it: stop this shard.</summary>
    public sealed record HandOff(ShardId Shard, long Move);

    /// <summary>The answer, when it has stopped.</summary>
    public sealed record Stopped(ShardId Shard, long Move);

    /// <summary>Coordinator → a region that leaves: nothing is left there.</summary>
    public sealed record Rid(string Region);

    /// <summary>Told to a region by its node: leave.</summary>
    public sealed class Leave
    {
        public static readonly Leave Instance = new();
    }

    /// <summary>The answer.</summary>
    public sealed class Left : INoSerializationVerificationNeeded
    {
        public static readonly Left Instance = new();
    }
}

/// <summary>What the regions' coordinators keep: in Akka it is replicated data, written and read with
/// a majority of the server nodes.</summary>
internal sealed class ShardHomes
{
    /// <summary>Which region has a shard.</summary>
    public SortedDictionary<int, string> Homes { get; } = [];

    /// <summary>Regions that there are.</summary>
    public SortedSet<string> Regions { get; } = new(StringComparer.Ordinal);
}
