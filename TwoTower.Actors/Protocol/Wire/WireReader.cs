using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using MessagePack;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>Reads a frame that anybody may have sent: nothing is allocated before its length is known to be in the frame.</summary>
/// <remarks>Every message is read by hand, value by value: no type is named by a frame, nothing nests deeper than its format says and no hash table is
/// filled with foreign keys, so what MessagePack's untrusted-data settings guard against cannot come up.</remarks>
internal ref struct WireReader
{
    /// <summary>Bytes of the longest text.</summary>
    public const int LongestText = 1 << 16;

    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);
    private MessagePackReader _reader;
    private ReadOnlySpan<byte> _block;

    /// <summary>A reader at the start of a frame.</summary>
    public WireReader(ReadOnlyMemory<byte> frame) => _reader = new MessagePackReader(frame);

    /// <summary>Reads the header of a group that must have so many values.</summary>
    public void Group(int count)
    {
        var found = _reader.ReadArrayHeader();
        if (found != count)
        {
            throw new WireException($"A group of {count} values was expected, and {found} came.");
        }
    }

    /// <summary>Reads the header of a group that has so many values, or one more.</summary>
    /// <returns>Whether there is one more.</returns>
    public bool GroupOrOneMore(int count)
    {
        var found = _reader.ReadArrayHeader();
        return found == count || found == count + 1 ? found > count : throw new WireException($"A group of {count} or {count + 1} values was expected, and {found} came.");
    }

    /// <summary>Reads the header of a group of up to so many values.</summary>
    public int GroupUpTo(int most)
    {
        var found = _reader.ReadArrayHeader();
        return found <= most ? found : throw new WireException($"A group of {found} values is longer than the {most} there may be.");
    }

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
        if (!_reader.TryReadStringSpan(out var text))
        {
            throw new WireException("A text is missing.");
        }

        return text.Length <= LongestText ? s_strict.GetString(text) : throw new WireException($"A text of {text.Length} bytes is longer than the {LongestText} there may be.");
    }

    /// <summary>Opens the block, which must have exactly the bytes that the counts before it say.</summary>
    public void Block(Int128 bytes)
    {
        var block = _reader.ReadBytes() ?? throw new WireException("The block is missing.");
        if (block.Length != bytes)
        {
            throw new WireException($"The block has {block.Length} bytes where the counts say {bytes}.");
        }

        _block = block.FirstSpan;
    }

    /// <summary>A block of whatever length, which stays where it is: in the frame.</summary>
    public ReadOnlyMemory<byte> Bytes() => (_reader.ReadBytes() ?? throw new WireException("The block is missing.")).First;

    /// <summary>Fills the first entries of an array from the block.</summary>
    public void Fill<T>(T[] array, int count)
        where T : unmanaged
    {
        var into = MemoryMarshal.AsBytes(array.AsSpan(0, count));
        _block[..into.Length].CopyTo(into);
        _block = _block[into.Length..];
    }

    /// <summary>Fills the values of a block that travelled packed.</summary>
    public void Unpack(in RowBlock block)
    {
        var bytes = (int)RowRounding.BytesOf(block.Precision, block.Width);
        for (var n = 0; n < block.Count; n++)
        {
            RowRounding.Unpack(block.Precision, _block[..bytes], block.Row(n));
            _block = _block[bytes..];
        }
    }

    /// <summary>An array of its own from the block.</summary>
    public T[] Array<T>(int count)
        where T : unmanaged
    {
        var array = new T[count];
        Fill(array, count);
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
}
