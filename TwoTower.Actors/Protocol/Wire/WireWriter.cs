using System.Buffers;
using System.Runtime.InteropServices;
using MessagePack;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>Writes a frame: MessagePack, with all arrays of a message in one binary block, little-endian as they lie in memory.</summary>
/// <param name="output">Where to.</param>
/// <param name="parts">Takes the block's parts where they lie, instead of their being written; null writes them.</param>
internal ref struct WireWriter(IBufferWriter<byte> output, List<FramePart>? parts = null) : IWireSink
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
    public void Text(string value)
    {
        var text = System.Text.Encoding.UTF8.GetBytes(value);
        if (text.Length > WireReader.LongestText)
        {
            throw new WireException($"A text of {text.Length} bytes is longer than the {WireReader.LongestText} there may be.");
        }

        _writer.WriteString(text);
    }

    /// <inheritdoc />
    public void Block(long bytes, long absent = 0)
    {
        if (absent != 0)
        {
            throw Absent();
        }

        // By hand: MessagePack's own header asks the output for room for the whole block, and has none for one of more than 2 GiB.
        switch (bytes)
        {
            case <= byte.MaxValue:
                Head(MessagePackCode.Bin8, 1, bytes);
                break;
            case <= ushort.MaxValue:
                Head(MessagePackCode.Bin16, 2, bytes);
                break;
            case <= int.MaxValue:
                Head(MessagePackCode.Bin32, 4, bytes);
                break;
            default:
                _writer.WriteInt64(bytes); // its length, and its bytes
                break;
        }
    }

    /// <inheritdoc />
    public void Array<T>(T[] array, int count)
        where T : unmanaged
    {
        if (array.Length < count)
        {
            throw Absent();
        }

        if (parts is null)
        {
            _writer.WriteRaw(MemoryMarshal.AsBytes(array.AsSpan(0, count)));
        }
        else if (count > 0)
        {
            parts.Add(new FramePart.Entries<T>(array, count));
        }
    }

    /// <inheritdoc />
    public void Packed(in RowBlock block)
    {
        if (block.Values.Length < block.Count * block.Width)
        {
            throw Absent();
        }

        if (parts is not null)
        {
            if (block.Count > 0)
            {
                parts.Add(new FramePart.PackedRows(block));
            }

            return;
        }

        var bytes = (int)RowRounding.BytesOf(block.Precision, block.Width);
        for (var n = 0; n < block.Count; n++)
        {
            RowRounding.Pack(block.Precision, block.Row(n), _writer.GetSpan(bytes)[..bytes]);
            _writer.Advance(bytes);
        }
    }

    /// <inheritdoc />
    public void Raw(ReadOnlySpan<byte> bytes)
    {
        if (parts is null)
        {
            _writer.WriteRaw(bytes);
        }
        else if (bytes.Length > 0)
        {
            parts.Add(new FramePart.Entries<byte>(bytes.ToArray(), bytes.Length));
        }
    }

    /// <summary>Hands the last bytes on.</summary>
    public void Flush() => _writer.Flush();

    private void Head(byte code, int width, long bytes)
    {
        var head = _writer.GetSpan(1 + width);
        head[0] = code;
        for (var n = 0; n < width; n++)
        {
            head[1 + n] = (byte)(bytes >> (8 * (width - 1 - n)));
        }

        _writer.Advance(1 + width);
    }

    private static WireException Absent() => new("The message's rows are counted and not there; it has a size but no frame.");
}
