using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using TwoTower.Actors.Ids;

namespace TwoTower.Actors.Simulation.Tracing;

/// <summary>A trace that cannot be read. The message is for a person.</summary>
internal sealed class TraceException(string message) : Exception(message);

/// <summary>Reads the events that <see cref="TraceEncoding"/> wrote.</summary>
/// <param name="stream">Stands at the first event; stays open.</param>
internal sealed class TraceReader(Stream stream) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _at;
    private int _end;
    private int _hashed;
    private long _ticks;
    private bool _ended;

    /// <summary>Events read.</summary>
    public long Count { get; private set; }

    /// <summary>Reads an event; false after the last. A trace without an end event is that of a run that did not end by itself.</summary>
    /// <exception cref="TraceException">The bytes are damaged.</exception>
    public bool TryRead(out TraceEvent traced)
    {
        traced = default;
        if (_ended || !TryByte(out var first))
        {
            return false;
        }

        _at--;
        _ = first;
        var head = Unsigned();
        var kind = (TraceKind)(head & 7);
        var code = (int)(head >> 3);
        _ticks += (long)Unsigned();
        if (kind > TraceKind.End || (kind <= TraceKind.Dropped && code > (int)TraceMessage.Standing) || _ticks < 0)
        {
            throw Damaged();
        }

        traced = new TraceEvent(_ticks, kind, default, default, code, 0, 0, 0, 0, string.Empty);
        if (kind != TraceKind.End)
        {
            var from = Node();
            traced = traced with { From = from, To = from };
        }

        if (traced.IsMessage)
        {
            traced = traced with { To = Node() };
        }

        if (traced.IsMessage || kind == TraceKind.Work)
        {
            traced = traced with { Key = Signed(), Bytes = (long)Unsigned() };
        }

        if (traced.IsMessage)
        {
            traced = Details(traced);
        }

        if (traced.HasText)
        {
            traced = traced with { Text = Text() };
        }

        Count++;
        _ended = kind == TraceKind.End;
        return true;
    }

    /// <summary>Reads the hash that follows the end event, and compares.</summary>
    /// <returns>The hash in hex.</returns>
    /// <exception cref="TraceException">It is not the hash of what was read.</exception>
    public string CheckHash()
    {
        _hash.AppendData(_buffer, _hashed, _at - _hashed);
        _hashed = _at;
        var expected = Convert.ToHexStringLower(_hash.GetHashAndReset());
        Span<byte> stored = stackalloc byte[SHA256.HashSizeInBytes];
        for (var n = 0; n < stored.Length; n++)
        {
            stored[n] = Byte();
        }

        return Convert.ToHexStringLower(stored) == expected ? expected : throw Damaged();
    }

    /// <inheritdoc />
    public void Dispose() => _hash.Dispose();

    private TraceEvent Details(in TraceEvent traced)
    {
        if (traced.Message == TraceMessage.Evaluated)
        {
            Span<byte> bits = stackalloc byte[sizeof(long)];
            for (var n = 0; n < bits.Length; n++)
            {
                bits[n] = Byte();
            }

            return traced with { First = BinaryPrimitives.ReadInt64LittleEndian(bits) };
        }

        return TracedMessage.DetailsOf(traced.Message).Count switch
        {
            0 => traced,
            1 => traced with { First = Signed() },
            _ => traced with { First = Signed(), Second = Signed() },
        };
    }

    private NodeId Node()
    {
        var value = Unsigned();
        if (value >> 2 > int.MaxValue)
        {
            throw Damaged();
        }

        var node = new NodeId((NodeRole)(value & 3), (int)(value >> 2));
        return node is { Role: NodeRole.Evaluator, Index: > 0 } ? NodeId.Server(node.Index - 1) : node;
    }

    private string Text()
    {
        var count = Unsigned();
        if (count > TraceEncoding.MaxText)
        {
            throw Damaged();
        }

        Span<byte> utf8 = stackalloc byte[TraceEncoding.MaxText];
        for (var n = 0; n < (int)count; n++)
        {
            utf8[n] = Byte();
        }

        return Encoding.UTF8.GetString(utf8[..(int)count]);
    }

    private long Signed()
    {
        var value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    private ulong Unsigned()
    {
        var value = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Damaged();
    }

    private byte Byte() => TryByte(out var value) ? value : throw Damaged();

    private bool TryByte(out byte value)
    {
        if (_at == _end)
        {
            _hash.AppendData(_buffer, _hashed, _end - _hashed);
            (_at, _hashed) = (0, 0);
            _end = stream.Read(_buffer, 0, _buffer.Length);
        }

        value = _end == 0 ? (byte)0 : _buffer[_at];
        return _end > 0 && _at++ < _end;
    }

    private TraceException Damaged() => new($"The trace is damaged or cut off after event {Count}.");
}
