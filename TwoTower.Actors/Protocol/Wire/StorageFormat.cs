using System.Buffers;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>What nodes keep on their disks as bytes, in the encoding of the wire: limits are
/// checked before anything is allocated.</summary>
internal static class StorageFormat
{
    private const int Slack = 1 << 12;

    /// <summary>A shard's record, of any length; its arrays are the frame's, and must not change while it is read.</summary>
    /// <exception cref="WireException">Its rows are counted and not there.</exception>
    public static MessageFrame FrameOf(ShardRecord record)
    {
        var (head, parts) = (new ArrayBufferWriter<byte>(), new List<FramePart>());
        var writer = new WireWriter(head, parts);
        RecordFormat.Write(ref writer, record);
        writer.Flush();
        return new MessageFrame(head.WrittenSpan.ToArray(), parts, null);
    }

    /// <summary>Reads a shard's record.</summary>
    /// <param name="bytes">The record, in one piece or many.</param>
    /// <param name="used">Is told up to which byte they will not be looked at again.</param>
    /// <exception cref="WireException">It is none.</exception>
    public static ShardRecord DecodeRecord(in ReadOnlySequence<byte> bytes, Action<long>? used = null) =>
        Decode(bytes, used, static (ref reader) => RecordFormat.Read(ref reader));

    /// <summary>A snapshot of all parameters, of any length; its arrays are the frame's, and must not change while it is read.</summary>
    public static MessageFrame FrameOf(ModelSnapshot snapshot)
    {
        var (head, parts) = (new ArrayBufferWriter<byte>(), new List<FramePart>());
        var writer = new WireWriter(head, parts);
        writer.Group(4);
        writer.Long(snapshot.Step);
        writer.Int(snapshot.Users.Length);
        writer.Int(snapshot.Items.Length);
        writer.Block(sizeof(float) * ((long)snapshot.Users.Length + snapshot.Items.Length));
        writer.Array(snapshot.Users, snapshot.Users.Length);
        writer.Array(snapshot.Items, snapshot.Items.Length);
        writer.Flush();
        return new MessageFrame(head.WrittenSpan.ToArray(), parts, null);
    }

    /// <summary>Reads a snapshot.</summary>
    /// <param name="bytes">The snapshot, in one piece or many.</param>
    /// <param name="used">Is told up to which byte they will not be looked at again.</param>
    /// <exception cref="WireException">It is none.</exception>
    public static ModelSnapshot DecodeSnapshot(in ReadOnlySequence<byte> bytes, Action<long>? used = null) =>
        Decode(bytes, used, static (ref reader) =>
        {
            reader.Group(4);
            var (step, users, items) = (reader.Long(), reader.Count(), reader.Count());
            reader.Block(sizeof(float) * ((Int128)users + items));
            return new ModelSnapshot(step, reader.Array<float>(users), reader.Array<float>(items));
        });

    /// <summary>An entry of a trainer's journal.</summary>
    /// <exception cref="WireException">It has more than 2 GB.</exception>
    public static ReadOnlyMemory<byte> Encode(JournalEntry entry)
    {
        var output = Buffer(entry.Bytes);
        var writer = new WireWriter(output);
        writer.Group(2);
        JournalFormat.Write(ref writer, entry);
        writer.Flush();
        return output.WrittenMemory;
    }

    /// <summary>Reads an entry of a trainer's journal.</summary>
    /// <exception cref="WireException">It is none.</exception>
    public static JournalEntry DecodeEntry(ReadOnlyMemory<byte> bytes) =>
        Decode(new ReadOnlySequence<byte>(bytes), null, static (ref reader) =>
        {
            reader.Group(2);
            return JournalFormat.Read(ref reader);
        });

    private static ArrayBufferWriter<byte> Buffer(long bytes) =>
        bytes <= Array.MaxLength - Slack ? new((int)bytes + Slack)
            : throw new WireException($"{bytes} bytes are more than an entry of a journal can have ({Array.MaxLength - Slack}).");

    private static T Decode<T>(in ReadOnlySequence<byte> bytes, Action<long>? used, Reading<T> read)
    {
        try
        {
            var reader = new WireReader(bytes, used);
            var value = read(ref reader);
            reader.End();
            return value;
        }
        catch (Exception malformed)
            when (malformed is MessagePack.MessagePackSerializationException or EndOfStreamException or OverflowException
            or ArgumentException)
        {
            throw new WireException(malformed.Message, malformed);
        }
    }

    private delegate T Reading<out T>(ref WireReader reader);
}
