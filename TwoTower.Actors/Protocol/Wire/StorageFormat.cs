using System.Buffers;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>What nodes keep on their disks as bytes, in the encoding of the wire: limits are
/// checked before anything is allocated.</summary>
internal static class StorageFormat
{
    private const int Slack = 1 << 12;
    private static readonly ObjectForm s_record = ObjectForm.Of(typeof(ShardRecord));
    private static readonly ObjectForm s_snapshot = ObjectForm.Of(typeof(ModelSnapshot));
    private static readonly ObjectForm s_entry = ObjectForm.Of(typeof(JournalEntry));

    /// <summary>A shard's record, of any length; its arrays are the frame's, and must not change while it is read.</summary>
    /// <exception cref="WireException">Its rows are counted and not there.</exception>
    public static MessageFrame FrameOf(ShardRecord record) => WireFormat.FrameOf(record, s_record);

    /// <summary>Reads a shard's record.</summary>
    /// <param name="bytes">The record, in one piece or many.</param>
    /// <param name="used">Is told up to which byte they will not be looked at again.</param>
    /// <exception cref="WireException">It is none.</exception>
    public static ShardRecord DecodeRecord(in ReadOnlySequence<byte> bytes, Action<long>? used = null) =>
        (ShardRecord)WireFormat.Decode("record of a shard", s_record, bytes, used);

    /// <summary>A snapshot of all parameters, of any length; its arrays are the frame's, and must not change while it is read.</summary>
    public static MessageFrame FrameOf(ModelSnapshot snapshot) => WireFormat.FrameOf(snapshot, s_snapshot);

    /// <summary>Reads a snapshot.</summary>
    /// <param name="bytes">The snapshot, in one piece or many.</param>
    /// <param name="used">Is told up to which byte they will not be looked at again.</param>
    /// <exception cref="WireException">It is none.</exception>
    public static ModelSnapshot DecodeSnapshot(in ReadOnlySequence<byte> bytes, Action<long>? used = null) =>
        (ModelSnapshot)WireFormat.Decode("snapshot", s_snapshot, bytes, used);

    /// <summary>An entry of a trainer's journal.</summary>
    /// <exception cref="WireException">It has more than 2 GB.</exception>
    public static ReadOnlyMemory<byte> Encode(JournalEntry entry)
    {
        var output = new ArrayBufferWriter<byte>(entry.Bytes <= Array.MaxLength - Slack
            ? (int)entry.Bytes + Slack
            : throw new WireException($"{entry.Bytes} bytes are more than an entry of a journal can have ({Array.MaxLength - Slack})."));
        var writer = new WireWriter(output);
        WireForm<JournalEntry>.Write(ref writer, entry);
        writer.Flush();
        return output.WrittenMemory;
    }

    /// <summary>Reads an entry of a trainer's journal.</summary>
    /// <exception cref="WireException">It is none.</exception>
    public static JournalEntry DecodeEntry(ReadOnlyMemory<byte> bytes) =>
        (JournalEntry)WireFormat.Decode("entry of a journal", s_entry, new ReadOnlySequence<byte>(bytes));
}
