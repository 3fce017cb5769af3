namespace TwoTower.Actors.Protocol;

/// <summary>A parameter shard, 0 … shards − 1.</summary>
public readonly record struct ShardId(int Value)
{
    /// <inheritdoc />
    public override string ToString() => $"shard-{Value}";
}

/// <summary>A worker, 0 … workers − 1. A worker that is started again keeps its id and gets a new incarnation.</summary>
public readonly record struct WorkerId(int Value)
{
    /// <inheritdoc />
    public override string ToString() => $"worker-{Value}";
}

/// <summary>A batch, counted from 0 over the whole run: epoch = number / batches per epoch. The key of exactly-once.</summary>
public readonly record struct BatchId(long Number);

/// <summary>A message for one shard.</summary>
public interface IWithShardId
{
    /// <summary>The shard.</summary>
    ShardId Shard { get; }
}

/// <summary>A message from or for one worker.</summary>
public interface IWithWorkerId
{
    /// <summary>The worker.</summary>
    WorkerId Worker { get; }
}

/// <summary>A message whose pooled arrays belong to its receiver. Whoever delivers a message twice must deliver a copy.</summary>
public interface IOwnsBuffers
{
    /// <summary>The same message with arrays of its own.</summary>
    object Copy();

    /// <summary>Gives the arrays back. For whoever drops the message instead of delivering it.</summary>
    void Return();
}
