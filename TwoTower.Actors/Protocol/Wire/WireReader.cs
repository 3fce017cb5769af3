using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using MessagePack;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>Reads a frame that anybody may have sent, in one piece or in many: nothing is allocated before its
/// length is known to be in the frame.</summary>
/// <remarks>A frame names no type, nothing in it nests deeper than the declarations of messages do, and no hash table is filled with
/// foreign keys before they are counted, so what MessagePack's untrusted-data settings guard against cannot come up.</remarks>
internal ref struct WireReader
{
    /// <summary>Bytes of the longest text.</summary>
    public const int LongestText = 1 << 16;

    /// <summary>Bytes that are copied at a time: what has been read can be given back in steps of that.</summary>
    private const int Stretch = 1 << 20;

    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);
    private readonly Action<long>? _used;
    private readonly long _length;
    private MessagePackReader _reader;
    private ReadOnlySequence<byte> _block;
    private long _end;

    /// <summary>A reader at the start of a frame.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="used">Is told up to which byte the frame will not be looked at again, or null.</param>
    public WireReader(in ReadOnlySequence<byte> frame, Action<long>? used = null)
    {
        _reader = new MessagePackReader(frame);
        _length = frame.Length;
        _used = used;
    }

    /// <summary>A reader at the start of a frame that is in one piece.</summary>
    public WireReader(ReadOnlyMemory<byte> frame)
    {
        _reader = new MessagePackReader(frame);
        _length = frame.Length;
    }

    /// <summary>Reads the header of a group that must have so many values.</summary>
    public void Group(int count)
    {
        var found = _reader.ReadArrayHeader();
        if (found != count)
        {
            throw new WireException($"A group of {count} values was expected, and {found} came.");
        }
    }

    /// <summary>Reads the header of a group of any number of values.</summary>
    public int Group() => _reader.ReadArrayHeader();

    /// <summary>Whether nothing stands here in place of a value. Then it has been read.</summary>
    public bool TryNil() => _reader.TryReadNil();

    /// <summary>A whole number of 32 bits.</summary>
    public int Int() => _reader.ReadInt32();

    /// <summary>A whole number of 64 bits.</summary>
    public long Long() => _reader.ReadInt64();

    /// <summary>A number of things: 0 or more.</summary>
    public int Count() => _reader.ReadInt32() is >= 0 and var count ? count : throw new WireException("A count is negative.");

    /// <summary>A double.</summary>
    public double Real() => _reader.ReadDouble();

    /// <summary>True or false.</summary>
    public bool Flag() => _reader.ReadBoolean();

    /// <summary>A text.</summary>
    public string Text()
    {
        var text = _reader.ReadStringSequence() ?? throw new WireException("A text is missing.");
        return text.Length <= LongestText ? s_strict.GetString(text)
            : throw new WireException($"A text of {text.Length} bytes is longer than the {LongestText} there may be.");
    }

    /// <summary>Opens the next block, which must have exactly so many bytes.</summary>
    public void Block(Int128 bytes)
    {
        var found = Block();
        if (found != bytes)
        {
            throw new WireException($"The block has {found} bytes where the counts say {bytes}.");
        }
    }

    /// <summary>Opens the next block.</summary>
    /// <returns>Its bytes, all of which are in the frame.</returns>
    public long Block()
    {
        _block = _reader.NextMessagePackType == MessagePackType.Integer
            ? LongBlock()
            : _reader.ReadBytes() ?? throw new WireException("A block is missing.");
        _end = _reader.Consumed;
        _used?.Invoke(_end - _block.Length);
        return _block.Length;
    }

    /// <summary>A block of whatever length, which stays where it is, in the frame, if it is there in one piece.</summary>
    public ReadOnlyMemory<byte> Bytes()
    {
        var bytes = _reader.ReadBytes() ?? throw new WireException("The block is missing.");
        return bytes.IsSingleSegment ? bytes.First : bytes.ToArray();
    }

    /// <summary>Fills the first entries of an array from the block.</summary>
    public void Fill<T>(T[] array, int count)
        where T : unmanaged
    {
        for (var done = 0; done < count;)
        {
            var next = Math.Min(count - done, Stretch / Unsafe.SizeOf<T>());
            var into = MemoryMarshal.AsBytes(array.AsSpan(done, next));
            _block.Slice(0, into.Length).CopyTo(into);
            Skip(into.Length);
            done += next;
        }
    }

    /// <summary>Fills the values of a block that travelled packed.</summary>
    public void Unpack(in RowBlock block)
    {
        var bytes = (int)RowRounding.BytesOf(block.Precision, block.Width);
        for (var n = 0; n < block.Count;)
        {
            var whole = Math.Min(block.Count - n, Math.Min(_block.FirstSpan.Length, Stretch) / bytes);
            if (whole == 0)
            {
                RowRounding.Unpack(block.Precision, _block.Slice(0, bytes).ToArray(), block.Row(n++)); // it lies in two pieces of the frame
                Skip(bytes);
                continue;
            }

            for (var row = 0; row < whole; row++)
            {
                RowRounding.Unpack(block.Precision, _block.FirstSpan.Slice(row * bytes, bytes), block.Row(n + row));
            }

            n += whole;
            Skip((long)whole * bytes);
        }
    }

    /// <summary>The next block as an array of its own.</summary>
    public T[] Array<T>()
        where T : unmanaged
    {
        var (count, rest) = Math.DivRem(Block(), Unsafe.SizeOf<T>());
        if (rest != 0 || count > System.Array.MaxLength)
        {
            throw new WireException($"A block of {_block.Length} bytes is no array of {typeof(T).Name}.");
        }

        var array = GC.AllocateUninitializedArray<T>((int)count);
        Fill(array, array.Length);
        return array;
    }

    /// <summary>Refuses a frame that goes on after its message.</summary>
    public readonly void End()
    {
        if (!_reader.End)
        {
            throw new WireException("The frame goes on after its message.");
        }
    }

    /// <summary>A block that is too long for MessagePack: its length, and its bytes.</summary>
    private ReadOnlySequence<byte> LongBlock()
    {
        var bytes = _reader.ReadInt64();
        return bytes > int.MaxValue && bytes <= _length - _reader.Consumed
            ? _reader.ReadRaw(bytes)
            : throw new WireException($"A block of {bytes} bytes is not in the frame, or needs no length of its own.");
    }

    private void Skip(long bytes)
    {
        _block = _block.Slice(bytes);
        _used?.Invoke(_end - _block.Length);
    }
}
