using System.Globalization;
using Akka.Cluster.Sharding;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Cluster;

/// <summary>Routes by the shard that a message names: every parameter shard is one entity, alone in a shard of Akka's.</summary>
internal sealed class ShardRouting : IMessageExtractor
{
    /// <summary>Name of the region.</summary>
    public const string Region = "shards";

    /// <inheritdoc />
    public string? EntityId(object message) => message is IWithShardId { Shard.Value: >= 0 } routed ? Name(routed.Shard) : null;

    /// <inheritdoc />
    public object EntityMessage(object message) => message;

    /// <inheritdoc />
    public string? ShardId(object message) => EntityId(message);

    /// <inheritdoc />
    public string ShardId(string entityId, object? messageHint = null) => entityId;

    /// <summary>The shard of an entity.</summary>
    public static ShardId ShardOf(string entityId) => new(int.Parse(entityId, NumberStyles.None, CultureInfo.InvariantCulture));

    private static string Name(ShardId shard) => shard.Value.ToString(CultureInfo.InvariantCulture);
}
