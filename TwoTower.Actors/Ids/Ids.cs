namespace TwoTower.Actors.Ids;

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
