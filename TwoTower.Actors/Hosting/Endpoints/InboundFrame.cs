using System.Buffers;

namespace TwoTower.Actors.Hosting.Endpoints;

/// <summary>A frame as it comes in: in arrays of one size, each rented when the first of its bytes is there, and given
/// back when the last has been read.</summary>
/// <param name="manifest">Kind and version of the message.</param>
/// <param name="length">Bytes of the frame.</param>
/// <param name="segmentBytes">Bytes of every array but the last.</param>
internal sealed class InboundFrame(string manifest, long length, int segmentBytes)
{
    private readonly List<byte[]?> _segments = [];
    private int _released;

    /// <summary>Kind and version of the message.</summary>
    public string Manifest => manifest;

    /// <summary>Bytes of the frame.</summary>
    public long Length => length;

    /// <summary>Bytes that are rented at most for the arrays that a piece lies in and that are not there yet.</summary>
    internal long Needs(long offset, int count)
    {
        var needed = 0L;
        for (var segment = offset / segmentBytes; segment * segmentBytes < offset + count; segment++)
        {
            needed += segment < _segments.Count && _segments[(int)segment] is not null ? 0 : BytesOf(segment);
        }

        return needed;
    }

    /// <summary>Takes a piece in.</summary>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var (segment, within) = ((int)(offset / segmentBytes), (int)(offset % segmentBytes));
            var count = Math.Min(bytes.Length, segmentBytes - within);
            bytes[..count].CopyTo(At(segment).AsSpan(within));
            offset += count;
            bytes = bytes[count..];
        }
    }

    /// <summary>The whole frame, when every piece of it is there. It ends with <see cref="Release()"/>.</summary>
    public ReadOnlySequence<byte> Bytes()
    {
        var first = new Link(At(0).AsMemory(0, BytesOf(0)), 0);
        var last = first;
        for (var segment = 1; (long)segment * segmentBytes < length; segment++)
        {
            last = last.Append(At(segment).AsMemory(0, BytesOf(segment)));
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    /// <summary>Gives back the arrays that lie before a byte.</summary>
    public void Release(long before)
    {
        for (; _released < _segments.Count && ((_released + 1L) * segmentBytes <= before || before >= length); _released++)
        {
            if (_segments[_released] is { } segment)
            {
                ArrayPool<byte>.Shared.Return(segment);
                _segments[_released] = null;
            }
        }
    }

    /// <summary>Gives back all arrays.</summary>
    public void Release() => Release(length);

    private int BytesOf(long segment) => (int)Math.Min(segmentBytes, length - (segment * segmentBytes));

    private byte[] At(int segment)
    {
        while (_segments.Count <= segment)
        {
            _segments.Add(null);
        }

        return _segments[segment] ??= ArrayPool<byte>.Shared.Rent(BytesOf(segment));
    }

    private sealed class Link : ReadOnlySequenceSegment<byte>
    {
        public Link(ReadOnlyMemory<byte> bytes, long before) => (Memory, RunningIndex) = (bytes, before);

        public Link Append(ReadOnlyMemory<byte> bytes)
        {
            var next = new Link(bytes, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
