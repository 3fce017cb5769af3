using System.Collections.Concurrent;
using Akka.Actor;
using TwoTower.Actors.Cluster.Replication;

namespace TwoTower.Actors.Cluster;

/// <summary>Whoever shows the cluster ↔ every server node. Asking again is harmless.</summary>
public static class CopiesProtocol
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

/// <summary>What the hosts of shards on a node have told of their copies. Written by many, read by one.</summary>
public sealed class CopyBoard
{
    private readonly ConcurrentDictionary<int, (ShardCopies Copies, double? Since)> _shards = new();

    /// <summary>A host tells.</summary>
    public void Post(ShardCopies copies, double? lackingSince) => _shards[copies.Shard] = (copies, lackingSince);

    /// <summary>A host has ended.</summary>
    public void Remove(int shard) => _shards.TryRemove(shard, out _);

    /// <summary>What there is at a moment, in the order of shards.</summary>
    public ShardCopies[] At(double now) =>
        [.. _shards.Values.OrderBy(shard => shard.Copies.Shard).Select(shard => shard.Copies with { LackingSeconds = shard.Since is { } since ? Math.Max(0, now - since) : null })];
}

/// <summary>Answers for a server node which copies its shards have.</summary>
public sealed class CopiesActor : ReceiveActor
{
    /// <summary>Name of every server node's.</summary>
    public const string Name = "copies";

    /// <summary>An actor that reads a board.</summary>
    public CopiesActor(CopyBoard board)
    {
        var scheduler = Context.System.Scheduler;
        Receive<CopiesProtocol.Describe>(_ => Sender.Tell(new CopiesProtocol.Described(board.At(scheduler.MonotonicClock.TotalSeconds))));
    }

    /// <summary>Props of the actor.</summary>
    public static Props Props(CopyBoard board) => Akka.Actor.Props.Create(() => new CopiesActor(board));
}
