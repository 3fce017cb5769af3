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
    public void Block(long bytes) => _writer.WriteBinHeader(checked((int)bytes));

    /// <inheritdoc />
    public void Array<T>(T[] array, int count)
        where T : unmanaged => _writer.WriteRaw(MemoryMarshal.AsBytes(array.AsSpan(0, count)));

    /// <summary>Hands the last bytes on.</summary>
    public void Flush() => _writer.Flush();
}
