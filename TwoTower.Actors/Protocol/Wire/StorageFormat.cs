using System.Buffers;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>What nodes keep on their disks as bytes, in the encoding of the wire: limits are checked before anything is allocated.</summary>
public static class StorageFormat
{
    private const int Slack = 1 << 12;

    /// <summary>A shard's record.</summary>
    /// <exception cref="WireException">Its rows are counted and not there, or it has more than 2 GB.</exception>
    public static ReadOnlyMemory<byte> Encode(ShardRecord record)
    {
        var meter = default(WireMeter);
        RecordFormat.Write(ref meter, record);
        var output = Buffer(meter.Bytes);
        var writer = new WireWriter(output);
        RecordFormat.Write(ref writer, record);
        writer.Flush();
        return output.WrittenMemory;
    }

    /// <summary>Reads a shard's record.</summary>
    /// <exception cref="WireException">It is none.</exception>
    public static ShardRecord DecodeRecord(ReadOnlyMemory<byte> bytes) => Decode(bytes, static (ref reader) => RecordFormat.Read(ref reader));

    /// <summary>A snapshot of all parameters.</summary>
    /// <exception cref="WireException">It has more than 2 GB.</exception>
    public static ReadOnlyMemory<byte> Encode(ModelSnapshot snapshot)
    {
        var output = Buffer(sizeof(float) * ((long)snapshot.Users.Length + snapshot.Items.Length));
        var writer = new WireWriter(output);
        writer.Group(4);
        writer.Long(snapshot.Step);
        writer.Int(snapshot.Users.Length);
        writer.Int(snapshot.Items.Length);
        writer.Block(sizeof(float) * ((long)snapshot.Users.Length + snapshot.Items.Length));
        writer.Array(snapshot.Users, snapshot.Users.Length);
        writer.Array(snapshot.Items, snapshot.Items.Length);
        writer.Flush();
        return output.WrittenMemory;
    }

    /// <summary>Reads a snapshot.</summary>
    /// <exception cref="WireException">It is none.</exception>
    public static ModelSnapshot DecodeSnapshot(ReadOnlyMemory<byte> bytes) => Decode(bytes, static (ref reader) =>
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
    public static JournalEntry DecodeEntry(ReadOnlyMemory<byte> bytes) => Decode(bytes, static (ref reader) =>
    {
        reader.Group(2);
        return JournalFormat.Read(ref reader);
    });

    private static ArrayBufferWriter<byte> Buffer(long bytes) =>
        bytes <= Array.MaxLength - Slack ? new((int)bytes + Slack) : throw new WireException($"{bytes} bytes are more than one file here takes ({Array.MaxLength - Slack}).");

    private static T Decode<T>(ReadOnlyMemory<byte> bytes, Reading<T> read)
    {
        try
        {
            var reader = new WireReader(bytes);
            var value = read(ref reader);
            reader.End();
            return value;
        }
        catch (Exception malformed) when (malformed is MessagePack.MessagePackSerializationException or EndOfStreamException or OverflowException or ArgumentException)
        {
            throw new WireException(malformed.Message, malformed);
        }
    }

    private delegate T Reading<out T>(ref WireReader reader);
}
