using TwoTower.Actors.Ids;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>A message that has been encoded already. It goes over the wire as the message itself, and
/// comes out of it as the message.</summary>
/// <param name="Manifest">Kind and version of the message.</param>
/// <param name="Bytes">Its frame.</param>
/// <param name="Shard">The shard it is for; <see cref="EndpointProtocol.NoShard"/> when it is for none.</param>
internal sealed record WireFrame(string Manifest, byte[] Bytes, ShardId Shard) : IWithShardId;
