namespace TwoTower.Actors.Protocol.Wire;

/// <summary>The frame of a message of any length, of which any piece can be made at any time: its numbers are written down, its arrays stay
/// where they are. So sending a model takes no second copy of it.</summary>
/// <remarks>Until <see cref="Release"/>, and for as long as somebody reads a piece, the message's arrays must not change. Whoever tells a
/// message to another actor has promised that anyway.</remarks>
internal sealed class MessageFrame
{
    private readonly byte[] _head;
    private readonly FramePart[] _parts;
    private readonly long[] _starts;
    private readonly IOwnsBuffers? _owner;

    /// <summary>A frame of what was written down and what stays where it is.</summary>
    /// <param name="head">All that was written down.</param>
    /// <param name="parts">The stretches that stay, each with the bytes of the head that stand before it.</param>
    /// <param name="owner">Whose buffers they are.</param>
    internal MessageFrame(byte[] head, List<(int Before, FramePart Part)> parts, IOwnsBuffers? owner)
    {
        _head = head;
        _owner = owner;
        var (all, written) = (new List<FramePart>(), 0);
        foreach (var (before, part) in parts.Append((head.Length, new FramePart.Entries<byte>([], 0))))
        {
            if (before > written)
            {
                all.Add(new FramePart.Entries<byte>(before - written == head.Length ? head : head[written..before], before - written));
                written = before;
            }

            if (part.Length > 0)
            {
                all.Add(part);
            }
        }

        _parts = [.. all];
        _starts = new long[_parts.Length];
        foreach (var (n, part) in _parts.Index())
        {
            _starts[n] = Length;
            Length += part.Length;
        }
    }

    /// <summary>A frame that is there already.</summary>
    public MessageFrame(byte[] frame)
        : this(frame, [], null)
    {
    }

    /// <summary>Bytes of the frame.</summary>
    public long Length { get; }

    /// <summary>Whether the other frame is of the same message sent again: the same numbers and lengths. Every long message has the number
    /// of the request, batch, step or operation that it is for among them, and what is asked for again under
    /// that number has the same rows.</summary>
    public bool Repeats(MessageFrame other) => Length == other.Length && _head.AsSpan().SequenceEqual(other._head);

    /// <summary>Bytes of the frame from an offset on. Where they lie in one array of the message they are not copied.</summary>
    /// <param name="offset">Where they begin.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">The frame has not so many.</exception>
    public ReadOnlyMemory<byte> Piece(long offset, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + count, Length);
        var at = PartAt(offset);
        if (offset - _starts[at] + count <= _parts[at].Length && _parts[at].View(offset - _starts[at], count) is { } view)
        {
            return view;
        }

        var copy = new byte[count];
        for (var done = 0; done < count;)
        {
            at = PartAt(offset + done);
            var within = offset + done - _starts[at];
            var length = (int)Math.Min(_parts[at].Length - within, count - done);
            _parts[at].CopyTo(within, copy.AsSpan(done, length));
            done += length;
        }

        return copy;
    }

    /// <summary>Gives back the buffers that the message owns. Only when nobody reads a piece any more.</summary>
    public void Release() => _owner?.Return();

    private int PartAt(long offset) => Array.BinarySearch(_starts, offset) is >= 0 and var exact
        ? exact : ~Array.BinarySearch(_starts, offset) - 1;
}
