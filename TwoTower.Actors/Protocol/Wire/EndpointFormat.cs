using TwoTower.Actors.Ids;
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
        sink.Long(chunk.Offset);
        sink.Long(chunk.Total);
        sink.Block(chunk.Bytes.Length);
        sink.Raw(chunk.Bytes.Span);
    }

    public static void Write<T>(ref T sink, Credit credit)
        where T : IWireSink, allows ref struct
    {
        sink.Group(3);
        sink.Int(credit.Lane);
        sink.Long(credit.Stream);
        sink.Long(credit.Received);
    }

    public static void Write<T>(ref T sink, Broken broken)
        where T : IWireSink, allows ref struct
    {
        sink.Group(4);
        sink.Int(broken.Lane);
        sink.Long(broken.Stream);
        sink.Text(broken.Reason);
        sink.Flag(broken.Lasting);
    }

    public static Chunk ReadChunk(ref WireReader reader)
    {
        reader.Group(7);
        var (shard, lane, stream, manifest) = (new ShardId(reader.Int()), reader.Int(), reader.Long(), reader.Text());
        var (offset, total) = (reader.Long(), reader.Long());
        var bytes = reader.Bytes();
        if (total is <= 0 or > WireFormat.LongestFrame || offset < 0 || bytes.Length is 0 or > ChunkBytes || bytes.Length > total - offset)
        {
            throw new WireException($"{bytes.Length} bytes at {offset} are no piece of a message of {total}.");
        }

        return new Chunk(shard, lane, stream, manifest, offset, total, bytes);
    }

    public static Credit ReadCredit(ref WireReader reader)
    {
        reader.Group(3);
        var credit = new Credit(reader.Int(), reader.Long(), reader.Long());
        return credit.Received >= 0 ? credit : throw new WireException("A credit is negative.");
    }

    public static Broken ReadBroken(ref WireReader reader)
    {
        reader.Group(4);
        return new Broken(reader.Int(), reader.Long(), reader.Text(), reader.Flag());
    }
}
