using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MessagePack;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>Writes a frame, or only counts its bytes: one description of a message serves both, so a size can never differ from what is
/// sent. Numbers have a fixed width, so that a size is a function of counts and texts and never of the moment (worker times are
/// wall-clock ticks).</summary>
internal ref struct WireWriter
{
    private const int NumberBytes = 5, LongBytes = 9;

    private readonly bool _counts;
    private readonly ArrayBufferWriter<byte>? _head;
    private readonly List<(int Before, FramePart Part)>? _parts;
    private MessagePackWriter _writer;

    /// <summary>Writes all of a frame.</summary>
    /// <param name="output">Where to.</param>
    public WireWriter(IBufferWriter<byte> output) => _writer = new MessagePackWriter(output);

    /// <summary>Writes numbers and texts, and notes arrays where they lie.</summary>
    /// <param name="head">Receives what is written.</param>
    /// <param name="parts">Receives the arrays, each with the bytes of the head before it.</param>
    public WireWriter(ArrayBufferWriter<byte> head, List<(int Before, FramePart Part)> parts)
        : this(head) => (_head, _parts) = (head, parts);

    private WireWriter(bool counts) => _counts = counts;

    /// <summary>One that writes nothing.</summary>
    public static WireWriter Counting() => new(counts: true);

    /// <summary>Bytes that were counted.</summary>
    public long Counted { get; private set; }

    /// <summary>The next <paramref name="count"/> values belong together.</summary>
    public void Group(int count)
    {
        if (_counts)
        {
            Counted += count < 16 ? 1 : count <= ushort.MaxValue ? 3 : 5;
        }
        else
        {
            _writer.WriteArrayHeader(count);
        }
    }

    /// <summary>A whole number of 32 bits.</summary>
    public void Int(int value)
    {
        if (_counts)
        {
            Counted += NumberBytes;
        }
        else
        {
            _writer.WriteInt32(value);
        }
    }

    /// <summary>A whole number of 64 bits.</summary>
    public void Long(long value)
    {
        if (_counts)
        {
            Counted += LongBytes;
        }
        else
        {
            _writer.WriteInt64(value);
        }
    }

    /// <summary>A double.</summary>
    public void Real(double value)
    {
        if (_counts)
        {
            Counted += LongBytes;
        }
        else
        {
            _writer.Write(value);
        }
    }

    /// <summary>True or false.</summary>
    public void Flag(bool value)
    {
        if (_counts)
        {
            Counted++;
        }
        else
        {
            _writer.Write(value);
        }
    }

    /// <summary>Nothing, in place of a value.</summary>
    public void Nil()
    {
        if (_counts)
        {
            Counted++;
        }
        else
        {
            _writer.WriteNil();
        }
    }

    /// <summary>A text.</summary>
    /// <exception cref="WireException">No reader would take it.</exception>
    public void Text(string value)
    {
        if (_counts)
        {
            var length = System.Text.Encoding.UTF8.GetByteCount(value);
            Counted += length + (length < 32 ? 1 : length <= byte.MaxValue ? 2 : length <= ushort.MaxValue ? 3 : 5);
            return;
        }

        var text = System.Text.Encoding.UTF8.GetBytes(value);
        if (text.Length > WireReader.LongestText)
        {
            throw new WireException($"A text of {text.Length} bytes is longer than the {WireReader.LongestText} there may be.");
        }

        _writer.WriteString(text);
    }

    /// <summary>A block follows: so many bytes of arrays.</summary>
    public void Block(long bytes)
    {
        if (_counts)
        {
            Counted += bytes + (bytes <= int.MaxValue ? NumberBytes : LongBytes);
        }
        else if (bytes > int.MaxValue)
        {
            _writer.WriteInt64(bytes); // MessagePack has no block as long: its length, and its bytes
        }
        else
        {
            // By hand: MessagePack's own header asks the output for room for the whole block, and its width is the length's.
            var head = _writer.GetSpan(NumberBytes);
            head[0] = MessagePackCode.Bin32;
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(head[1..], (int)bytes);
            _writer.Advance(NumberBytes);
        }
    }

    /// <summary>An array as a block.</summary>
    public void Block<T>(T[] array)
        where T : unmanaged
    {
        Block(array.LongLength * Unsafe.SizeOf<T>());
        Array(array, array.Length);
    }

    /// <summary>Bytes as a block. They are copied.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Block(bytes.Length);
        if (!_counts)
        {
            _writer.WriteRaw(bytes);
        }
    }

    /// <summary>Rows that are counted and not there. Only a size can have them.</summary>
    public void Absent(long bytes)
    {
        Counted += bytes;
        if (bytes != 0 && !_counts)
        {
            throw NotThere();
        }
    }

    /// <summary>The first <paramref name="count"/> entries of an array, as a part of the block. Who counts does not look at the
    /// array.</summary>
    public void Array<T>(T[] array, int count)
        where T : unmanaged
    {
        if (_counts)
        {
            return;
        }

        if (array.Length < count)
        {
            throw NotThere();
        }

        if (_parts is null)
        {
            _writer.WriteRaw(MemoryMarshal.AsBytes(array.AsSpan(0, count)));
        }
        else if (count > 0)
        {
            Part(new FramePart.Entries<T>(array, count));
        }
    }

    /// <summary>The values of a block that is rounded, packed, as a part of the block.</summary>
    public void Packed(in RowBlock block)
    {
        if (_counts)
        {
            return;
        }

        if (block.Values.Length < block.Count * block.Width)
        {
            throw NotThere();
        }

        if (_parts is not null)
        {
            if (block.Count > 0)
            {
                Part(new FramePart.PackedRows(block));
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

    /// <summary>Hands the last bytes on.</summary>
    public void Flush() => _writer.Flush();

    private void Part(FramePart part)
    {
        _writer.Flush();
        _parts!.Add((_head!.WrittenCount, part));
    }

    private static WireException NotThere() => new("The message's rows are counted and not there; it has a size but no frame.");
}
