using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Wire;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>Puts long messages together from the pieces in which they cross the network, so that checkers see messages. It shares nothing
/// with the endpoints that take them apart.</summary>
internal sealed class ChunkedMessages
{
    private const int MostOnTheirWay = 256;

    private readonly Dictionary<(object? Speaker, int Lane, long Stream), Pieces> _sent = [];

    /// <summary>A piece was sent; the whole message when all of it has been, once.</summary>
    public Crossing? Sent(in Crossing crossing, EndpointProtocol.Chunk chunk)
    {
        var key = (crossing.Speaker, chunk.Lane, chunk.Stream);
        if (!_sent.TryGetValue(key, out var pieces))
        {
            _sent.Add(key, pieces = new Pieces(new byte[chunk.Total], crossing.Number));

            // What does not arrive is given up one day, without a word. Many may wait in a proxy while nobody knows where an actor is.
            _sent.Remove((crossing.Speaker, chunk.Lane, chunk.Stream - MostOnTheirWay));
        }

        if (!pieces.Sent.Add(chunk.Offset))
        {
            return null;
        }

        chunk.Bytes.Span.CopyTo(pieces.Frame.AsSpan((int)chunk.Offset));
        pieces.SentBytes += chunk.Bytes.Length;
        return pieces.SentBytes == chunk.Total ? Whole(crossing, chunk, pieces) : null;
    }

    /// <summary>A piece has arrived; the whole message when all of it has, once.</summary>
    public Crossing? Delivered(in Crossing crossing, EndpointProtocol.Chunk chunk)
    {
        var key = (crossing.Speaker, chunk.Lane, chunk.Stream);
        if (!_sent.TryGetValue(key, out var pieces) || !pieces.Arrived.Add(chunk.Offset))
        {
            return null;
        }

        pieces.ArrivedBytes += chunk.Bytes.Length;
        if (pieces.ArrivedBytes < chunk.Total)
        {
            return null;
        }

        _sent.Remove(key);
        return Whole(crossing, chunk, pieces);
    }

    private static Crossing Whole(in Crossing crossing, EndpointProtocol.Chunk chunk, Pieces pieces) =>
        crossing with { Number = pieces.Number, Message = WireFormat.Decode(chunk.Manifest, pieces.Frame), Bytes = chunk.Total };

    private sealed class Pieces(byte[] frame, long number)
    {
        public byte[] Frame => frame;

        public long Number => number;

        public HashSet<long> Sent { get; } = [];

        public HashSet<long> Arrived { get; } = [];

        public long SentBytes { get; set; }

        public long ArrivedBytes { get; set; }
    }
}
