using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using static TwoTower.Actors.Protocol.ParameterProtocol;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>The parameter conversation on the wire.</summary>
internal static class ParameterFormat
{
    public static void Write<T>(ref T sink, Pull pull)
        where T : IWireSink, allows ref struct
    {
        sink.Group(7);
        sink.Int(pull.Shard.Value);
        sink.Int(pull.Worker.Value);
        sink.Long(pull.Ticket);
        sink.Long(pull.Clock);
        sink.Int(pull.Users.Count);
        sink.Int(pull.Items.Count);
        sink.Block(((long)pull.Users.Count + pull.Items.Count) * sizeof(int));
        sink.Array(pull.Users.Array, pull.Users.Count);
        sink.Array(pull.Items.Array, pull.Items.Count);
    }

    public static void Write<T>(ref T sink, Rows rows)
        where T : IWireSink, allows ref struct
    {
        sink.Group(9 + Precisions(rows.Users, rows.Items));
        sink.Int(rows.Shard.Value);
        sink.Int(rows.Worker.Value);
        sink.Long(rows.Ticket);
        sink.Long(rows.Version);
        Blocks(ref sink, rows.Users, rows.Items);
    }

    public static void Write<T>(ref T sink, Push push)
        where T : IWireSink, allows ref struct
    {
        sink.Group(10 + Precisions(push.Users, push.Items));
        sink.Int(push.Shard.Value);
        sink.Int(push.Worker.Value);
        sink.Long(push.Birth);
        LeaseFormat.Write(ref sink, push.Lease);
        sink.Long(push.PulledVersion);
        Blocks(ref sink, push.Users, push.Items);
    }

    public static void Write<T>(ref T sink, PushAck ack)
        where T : IWireSink, allows ref struct
    {
        sink.Group(6);
        sink.Int(ack.Shard.Value);
        sink.Int(ack.Worker.Value);
        sink.Long(ack.Batch.Number);
        sink.Long(ack.StaleRows);
        sink.Long(ack.StalenessSum);
        sink.Long(ack.Version);
    }

    public static void Write<T>(ref T sink, Fence fence)
        where T : IWireSink, allows ref struct => Life(ref sink, 3, fence.Shard, fence.Worker, fence.Birth);

    public static void Write<T>(ref T sink, Fenced fenced)
        where T : IWireSink, allows ref struct
    {
        Life(ref sink, 4, fenced.Shard, fenced.Worker, fenced.Birth);
        sink.Long(fenced.FurthestClock);
    }

    public static void Write<T>(ref T sink, Nack nack)
        where T : IWireSink, allows ref struct
    {
        sink.Group(3);
        sink.Int(nack.Shard.Value);
        sink.Int(nack.Worker.Value);
        sink.Text(nack.Reason);
    }

    public static Pull ReadPull(ref WireReader reader)
    {
        reader.Group(7);
        var (shard, worker, ticket, clock) = (new ShardId(reader.Int()), new WorkerId(reader.Int()), reader.Long(), reader.Long());
        var (users, items) = (reader.Count(), reader.Count());
        reader.Block(((long)users + items) * sizeof(int));
        return new Pull(shard, worker, ticket, clock, ReadKeys(ref reader, users), ReadKeys(ref reader, items));
    }

    public static Rows ReadRows(ref WireReader reader)
    {
        var packed = reader.GroupOrOneMore(9);
        var (shard, worker, ticket, version) = (new ShardId(reader.Int()), new WorkerId(reader.Int()), reader.Long(), reader.Long());
        var (users, items) = ReadBlocks(ref reader, packed);
        return new Rows(shard, worker, ticket, version, users, items);
    }

    public static Push ReadPush(ref WireReader reader)
    {
        var packed = reader.GroupOrOneMore(10);
        var (shard, worker, birth, lease, version) = (new ShardId(reader.Int()), new WorkerId(reader.Int()), reader.Long(),
            LeaseFormat.ReadLease(ref reader), reader.Long());
        var (users, items) = ReadBlocks(ref reader, packed);
        return new Push(shard, worker, birth, lease, version, users, items);
    }

    public static PushAck ReadPushAck(ref WireReader reader)
    {
        reader.Group(6);
        return new PushAck(new ShardId(reader.Int()), new WorkerId(reader.Int()), new BatchId(reader.Long()), reader.Long(), reader.Long(),
            reader.Long());
    }

    public static Fence ReadFence(ref WireReader reader)
    {
        reader.Group(3);
        return new Fence(new ShardId(reader.Int()), new WorkerId(reader.Int()), reader.Long());
    }

    public static Fenced ReadFenced(ref WireReader reader)
    {
        reader.Group(4);
        return new Fenced(new ShardId(reader.Int()), new WorkerId(reader.Int()), reader.Long(), reader.Long());
    }

    public static Nack ReadNack(ref WireReader reader)
    {
        reader.Group(3);
        return new Nack(new ShardId(reader.Int()), new WorkerId(reader.Int()), reader.Text());
    }

    /// <summary>A push among others, whose arrays go into a block of all: its numbers.</summary>
    public static void Header<T>(ref T sink, Push push)
        where T : IWireSink, allows ref struct
    {
        sink.Group(9);
        sink.Int(push.Worker.Value);
        sink.Long(push.Birth);
        LeaseFormat.Write(ref sink, push.Lease);
        sink.Long(push.PulledVersion);
        sink.Int(push.Users.Count);
        sink.Int(push.Users.Width);
        sink.Int(push.Items.Count);
        sink.Int(push.Items.Width);
        sink.Int(Packed(push.Users, push.Items));
    }

    /// <summary>A push among others: its part of the block.</summary>
    public static void Arrays<T>(ref T sink, Push push)
        where T : IWireSink, allows ref struct
    {
        Rows(ref sink, push.Users);
        Rows(ref sink, push.Items);
    }

    public static PushHeader ReadPushHeader(ref WireReader reader)
    {
        reader.Group(9);
        var (worker, birth, lease, version) = (new WorkerId(reader.Int()), reader.Long(), LeaseFormat.ReadLease(ref reader), reader.Long());
        var (users, userWidth, items, itemWidth) = (reader.Count(), reader.Count(), reader.Count(), reader.Count());
        var (userPrecision, itemPrecision) = ReadPrecisions(ref reader);
        return new PushHeader(worker, birth, lease, version, new BlockSize(users, userWidth, userPrecision),
            new BlockSize(items, itemWidth, itemPrecision));
    }

    public static Push ReadPush(ref WireReader reader, ShardId shard, PushHeader header) => new(
        shard, header.Worker, header.Birth, header.Lease, header.PulledVersion,
        ReadRows(ref reader, header.Users.Rows, header.Users.Width, header.Users.Precision),
        ReadRows(ref reader, header.Items.Rows, header.Items.Width, header.Items.Precision));

    private static void Life<T>(ref T sink, int fields, ShardId shard, WorkerId worker, long birth)
        where T : IWireSink, allows ref struct
    {
        sink.Group(fields);
        sink.Int(shard.Value);
        sink.Int(worker.Value);
        sink.Long(birth);
    }

    private static void Blocks<T>(ref T sink, in RowBlock users, in RowBlock items)
        where T : IWireSink, allows ref struct
    {
        sink.Int(users.Count);
        sink.Int(users.Width);
        sink.Int(items.Count);
        sink.Int(items.Width);
        if (Precisions(users, items) > 0)
        {
            sink.Int(Packed(users, items));
        }

        sink.Block(users.Bytes + items.Bytes);
        Rows(ref sink, users);
        Rows(ref sink, items);
    }

    private static void Rows<T>(ref T sink, in RowBlock block)
        where T : IWireSink, allows ref struct
    {
        sink.Array(block.Keys.Array, block.Count);
        sink.Array(block.Versions, block.Count);
        if (block.Precision == RowPrecision.Float32)
        {
            sink.Array(block.Values, block.Count * block.Width);
        }
        else
        {
            sink.Packed(block);
        }
    }

    private static int Packed(in RowBlock users, in RowBlock items) => ((int)users.Precision << 8) | (int)items.Precision;

    /// <summary>Whole floats travel without a word about their precision: 1 when there is one.</summary>
    private static int Precisions(in RowBlock users, in RowBlock items) => users.Precision == RowPrecision.Float32
        && items.Precision == RowPrecision.Float32 ? 0 : 1;

    private static (RowBlock Users, RowBlock Items) ReadBlocks(ref WireReader reader, bool packed)
    {
        var (users, userWidth, items, itemWidth) = (reader.Count(), reader.Count(), reader.Count(), reader.Count());
        var (userPrecision, itemPrecision) = packed ? ReadPrecisions(ref reader) : default;

        reader.Block(Bytes(users, userWidth, userPrecision) + Bytes(items, itemWidth, itemPrecision));
        return (ReadRows(ref reader, users, userWidth, userPrecision), ReadRows(ref reader, items, itemWidth, itemPrecision));
    }

    /// <summary>Bytes of a block. Counts of 31 bits can overflow 64 bits, and must not add up to a small block that way.</summary>
    private static Int128 Bytes(int rows, int width, RowPrecision precision) =>
        (Int128)rows * (RowRounding.BytesOf(precision, width) + (2 * sizeof(int)));

    private static (RowPrecision Users, RowPrecision Items) ReadPrecisions(ref WireReader reader)
    {
        var both = reader.Count();
        var (users, items) = ((RowPrecision)(both >> 8), (RowPrecision)(both & 0xFF));
        return Enum.IsDefined(users) && Enum.IsDefined(items) ? (users, items) : throw new WireException($"There is no precision {both}.");
    }

    private static RowBlock ReadRows(ref WireReader reader, int count, int width, RowPrecision precision)
    {
        var block = RowBlock.Rent(ReadKeys(ref reader, count), width) with { Precision = precision };
        reader.Fill(block.Versions, count);
        if (precision == RowPrecision.Float32)
        {
            reader.Fill(block.Values, count * width);
        }
        else
        {
            reader.Unpack(block);
        }

        return block;
    }

    private static RowKeys ReadKeys(ref WireReader reader, int count)
    {
        var keys = RowKeys.Rent(count);
        reader.Fill(keys.Array, count);
        return keys;
    }

    public sealed record PushHeader(WorkerId Worker, long Birth, Lease Lease, long PulledVersion, BlockSize Users, BlockSize Items)
    {
        public Int128 Length => Users.Length + Items.Length;
    }

    public readonly record struct BlockSize(int Rows, int Width, RowPrecision Precision)
    {
        public Int128 Length => Bytes(Rows, Width, Precision);
    }
}
