using static TwoTower.Actors.Protocol.EndpointProtocol;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>The endpoints' conversation on the wire. A piece is written and read as it is.</summary>
internal static class EndpointFormat
{
    public static void Write<T>(ref T sink, Chunk chunk)
        where T : IWireSink, allows ref struct
    {
        sink.Group(7);
        sink.Int(chunk.Shard.Value);
        sink.Int(chunk.Lane);
        sink.Long(chunk.Stream);
        sink.Text(chunk.Manifest);
        sink.Int(chunk.Offset);
        sink.Int(chunk.Total);
        sink.Block(chunk.Bytes.Length);
        sink.Raw(chunk.Bytes.Span);
    }

    public static void Write<T>(ref T sink, Credit credit)
        where T : IWireSink, allows ref struct
    {
        sink.Group(3);
        sink.Int(credit.Lane);
        sink.Long(credit.Stream);
        sink.Int(credit.Received);
    }

    public static void Write<T>(ref T sink, Broken broken)
        where T : IWireSink, allows ref struct
    {
        sink.Group(3);
        sink.Int(broken.Lane);
        sink.Long(broken.Stream);
        sink.Text(broken.Reason);
    }

    public static Chunk ReadChunk(ref WireReader reader)
    {
        reader.Group(7);
        var (shard, lane, stream, manifest) = (new ShardId(reader.Int()), reader.Int(), reader.Long(), reader.Text());
        var (offset, total) = (reader.Count(), reader.Count());
        var bytes = reader.Bytes();
        if (total is 0 or > WireFormat.LongestFrame || offset % ChunkBytes != 0 || offset >= total || bytes.Length != Math.Min(ChunkBytes, total - offset))
        {
            throw new WireException($"{bytes.Length} bytes at {offset} are no piece of a message of {total}.");
        }

        return new Chunk(shard, lane, stream, manifest, offset, total, bytes);
    }

    public static Credit ReadCredit(ref WireReader reader)
    {
        reader.Group(3);
        return new Credit(reader.Int(), reader.Long(), reader.Count());
    }

    public static Broken ReadBroken(ref WireReader reader)
    {
        reader.Group(3);
        return new Broken(reader.Int(), reader.Long(), reader.Text());
    }
}
