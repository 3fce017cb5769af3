using TwoTower.Actors.Ids;

namespace TwoTower.Actors.Protocol;

/// <summary>A message for one shard.</summary>
internal interface IWithShardId
{
    /// <summary>The shard.</summary>
    ShardId Shard { get; }
}

/// <summary>A message from or for one worker.</summary>
internal interface IWithWorkerId
{
    /// <summary>The worker.</summary>
    WorkerId Worker { get; }
}

/// <summary>A message whose pooled arrays belong to its receiver. Whoever delivers a message twice must deliver a copy.</summary>
internal interface IOwnsBuffers
{
    /// <summary>The same message with arrays of its own.</summary>
    object Copy();

    /// <summary>Gives the arrays back. For whoever drops the message instead of delivering it.</summary>
    void Return();
}
