namespace TwoTower.Actors.Protocol.Wire;

/// <summary>What a message is written into: a frame, or a meter that only counts. One description of a message serves both, so a size can
/// never differ from what is sent. Numbers have a fixed width, so that a size is a function of counts and texts and never of the moment
/// (worker times are wall-clock ticks).</summary>
internal interface IWireSink
{
    /// <summary>The next <paramref name="count"/> values belong together.</summary>
    void Group(int count);

    /// <summary>A whole number of 32 bits.</summary>
    void Int(int value);

    /// <summary>A whole number of 64 bits.</summary>
    void Long(long value);

    /// <summary>A double.</summary>
    void Real(double value);

    /// <summary>True or false.</summary>
    void Flag(bool value);

    /// <summary>A text.</summary>
    void Text(string value);

    /// <summary>The one block of a frame follows: <paramref name="bytes"/> bytes of arrays, and <paramref name="absent"/> that only a meter
    /// can take, because they are counted and not there. It is the last of a message's values.</summary>
    void Block(long bytes, long absent = 0);

    /// <summary>The first <paramref name="count"/> entries of an array, as a part of the block. A
    /// meter does not look at the array.</summary>
    void Array<T>(T[] array, int count)
        where T : unmanaged;

    /// <summary>The values of a block that is rounded, packed, as a part of the block.</summary>
    void Packed(in RowBlock block);

    /// <summary>Bytes as they are, as a part of the block.</summary>
    void Raw(ReadOnlySpan<byte> bytes);
}

/// <summary>Counts the bytes that a message takes.</summary>
internal struct WireMeter : IWireSink
{
    /// <summary>Bytes so far.</summary>
    public long Bytes { get; private set; }

    /// <inheritdoc />
    public void Group(int count) => Bytes += count < 16 ? 1 : count <= ushort.MaxValue ? 3 : 5;

    /// <inheritdoc />
    public void Int(int value) => Bytes += 5;

    /// <inheritdoc />
    public void Long(long value) => Bytes += 9;

    /// <inheritdoc />
    public void Real(double value) => Bytes += 9;

    /// <inheritdoc />
    public void Flag(bool value) => Bytes += 1;

    /// <inheritdoc />
    public void Text(string value)
    {
        var length = System.Text.Encoding.UTF8.GetByteCount(value);
        Bytes += length + (length < 32 ? 1 : length <= byte.MaxValue ? 2 : length <= ushort.MaxValue ? 3 : 5);
    }

    /// <inheritdoc />
    public void Block(long bytes, long absent = 0)
    {
        bytes += absent;
        Bytes += bytes + (bytes <= byte.MaxValue ? 2 : bytes <= ushort.MaxValue ? 3 : bytes <= int.MaxValue ? 5 : 9);
    }

    /// <inheritdoc />
    public readonly void Array<T>(T[] array, int count)
        where T : unmanaged
    {
        // The block's length was counted with its header.
    }

    /// <inheritdoc />
    public readonly void Packed(in RowBlock block)
    {
        // As with arrays.
    }

    /// <inheritdoc />
    public readonly void Raw(ReadOnlySpan<byte> bytes)
    {
        // As with arrays.
    }
}
