using System.Buffers;
using System.Runtime.InteropServices;
using MessagePack;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>Writes a frame: MessagePack, with all arrays of a message in one binary block, little-endian as they lie in memory.</summary>
/// <param name="output">Where to.</param>
internal ref struct WireWriter(IBufferWriter<byte> output) : IWireSink
{
    private MessagePackWriter _writer = new(output);

    /// <inheritdoc />
    public void Group(int count) => _writer.WriteArrayHeader(count);

    /// <inheritdoc />
    public void Int(int value) => _writer.WriteInt32(value);

    /// <inheritdoc />
    public void Long(long value) => _writer.WriteInt64(value);

    /// <inheritdoc />
    public void Real(double value) => _writer.Write(value);

    /// <inheritdoc />
    public void Flag(bool value) => _writer.Write(value);

    /// <inheritdoc />
    public void Text(string value) => _writer.WriteString(System.Text.Encoding.UTF8.GetBytes(value));

    /// <inheritdoc />
    public void Block(long bytes, long absent = 0) =>
        _writer.WriteBinHeader(absent == 0 ? checked((int)bytes) : throw Absent());

    /// <inheritdoc />
    public void Array<T>(T[] array, int count)
        where T : unmanaged
    {
        if (array.Length < count)
        {
            throw Absent();
        }

        _writer.WriteRaw(MemoryMarshal.AsBytes(array.AsSpan(0, count)));
    }

    /// <inheritdoc />
    public void Packed(in RowBlock block)
    {
        if (block.Values.Length < block.Count * block.Width)
        {
            throw Absent();
        }

        var bytes = (int)RowRounding.BytesOf(block.Precision, block.Width);
        for (var n = 0; n < block.Count; n++)
        {
            RowRounding.Pack(block.Precision, block.Row(n), _writer.GetSpan(bytes)[..bytes]);
            _writer.Advance(bytes);
        }
    }

    /// <inheritdoc />
    public void Raw(ReadOnlySpan<byte> bytes) => _writer.WriteRaw(bytes);

    /// <summary>Hands the last bytes on.</summary>
    public void Flush() => _writer.Flush();

    private static WireException Absent() => new("The message's rows are counted and not there; it has a size but no frame.");
}
