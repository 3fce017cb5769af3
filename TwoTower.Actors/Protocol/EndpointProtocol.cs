using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol.Declarations;

namespace TwoTower.Actors.Protocol;

/// <summary>Endpoint ↔ endpoint: a message that is too long for the transport, in pieces and under credit.</summary>
/// <remarks>A lane is what one endpoint sends to one target; its streams are numbered upwards and go one after
/// the other, each for one message.</remarks>
internal static class EndpointProtocol
{
    /// <summary>Bytes of the longest frame: more than two tables of the longest arrays that .NET has, and few enough to be told from
    /// nonsense.</summary>
    public const long LongestFrame = 1L << 36;

    /// <summary>Bytes of the longest piece.</summary>
    public const int ChunkBytes = 64 * 1024;

    /// <summary>Pieces beyond the last credit that a receiver puts up with: no sender may have a longer window.</summary>
    public const int LongestWindow = 256;

    /// <summary>A receiver gives credit whenever so many more pieces have come: no sender may have a shorter window.</summary>
    public const int CreditEvery = 4;

    /// <summary>"No shard": the message is for the endpoint itself.</summary>
    public static ShardId NoShard { get; } = new(-1);

    /// <summary>A piece of a message.</summary>
    /// <param name="Shard">The shard it is for, for whoever routes by it; <see cref="NoShard"/> when it is for none.</param>
    /// <param name="Lane">The sender's number for the target.</param>
    /// <param name="Stream">The lane's number for the message.</param>
    /// <param name="Manifest">Kind and version of the message.</param>
    /// <param name="Offset">Position of the piece in the message's frame, in bytes.</param>
    /// <param name="Total">Length of the message's frame, in bytes.</param>
    /// <param name="Bytes">The piece. Whoever decoded it shares memory with the frame it came in.</param>
    [Manifest("e.chunk.3")]
    public sealed record Chunk(ShardId Shard, int Lane, long Stream, string Manifest, long Offset, long Total, ReadOnlyMemory<byte> Bytes)
        : IWithShardId, IWireChecked
    {
        string? IWireChecked.Fault =>
            Total is <= 0 or > LongestFrame || Offset < 0 || Bytes.Length is 0 or > ChunkBytes || Bytes.Length > Total - Offset
                ? $"{Bytes.Length} bytes at {Offset} are no piece of a message of {Total}."
                : null;
    }

    /// <summary>"I have so much of it without a gap; send a window beyond that." Everything: the message is there.</summary>
    /// <param name="Lane">The sender's number for the target.</param>
    /// <param name="Stream">The lane's number for the message.</param>
    /// <param name="Received">Bytes from the start.</param>
    [Manifest("e.credit.2")]
    public sealed record Credit(int Lane, long Stream, long Received) : IWireChecked
    {
        string? IWireChecked.Fault => Received >= 0 ? null : "A credit is negative.";
    }

    /// <summary>"I shall never have this message": its beginning went elsewhere, or it breaks a limit. The sender gives it up.</summary>
    /// <param name="Lane">The sender's number for the target.</param>
    /// <param name="Stream">The lane's number for the message.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="Lasting">Whether it would be refused however often it were sent: then nobody may wait for it.</param>
    [Manifest("e.broken.2")]
    public sealed record Broken(int Lane, long Stream, string Reason, bool Lasting);
}
