using System.Buffers;
using System.Security.Cryptography;
using TwoTower.Actors.Hosting.Endpoints;
using TwoTower.Actors.Protocol.Wire;
using static TwoTower.Actors.Protocol.EndpointProtocol;

namespace TwoTower.Tests.Cluster.Wire;

/// <summary>One sender, any number of receivers, and what is on its way between them, delivered in random order.</summary>
internal sealed class StreamNetwork(int seed, int window, double loss, double doubling)
{
    private const int Sender = 0;
    private readonly Random _random = new(seed);
    private readonly List<(int To, int From, object Message)> _air = [];
    private readonly OutboundStreams<int> _outbound = new(new EndpointOptions { Window = window, StallSeconds = 3 });
    private readonly SortedDictionary<int, InboundStreams<int>> _receivers = [];
    private readonly SortedDictionary<int, List<string>> _arrived = [];
    private double _now;

    public Func<Chunk, bool>? LoseOnce { get; set; }

    public int SegmentBytes { get; init; } = 4 << 20;

    public bool IsIdle => _outbound.IsIdle;

    public long Held => _receivers.Values.Sum(receiver => receiver.Held);

    public IReadOnlyList<string> Arrived(int receiver) => _arrived.GetValueOrDefault(receiver, []);

    public void Send(int to, int[] lengths)
    {
        for (var n = 0; n < lengths.Length; n++)
        {
            _outbound.Add(to, NoShard, "a", Frame(n, lengths[n]), _now, Put);
        }
    }

    /// <summary>Until nothing is on its way and all time-outs are over.</summary>
    public void Run()
    {
        for (var quiet = 0; quiet < 20;)
        {
            if (_air.Count == 0)
            {
                quiet++;
                _now += 1;
                _outbound.Expire(_now);
                foreach (var receiver in _receivers.Values)
                {
                    receiver.Expire(_now);
                }

                continue;
            }

            var at = _random.Next(_air.Count);
            var (to, from, message) = _air[at];
            _air.RemoveAt(at);
            Deliver(to, from, message);
        }
    }

    /// <summary>A message of drawn bytes.</summary>
    public static MessageFrame Frame(int seed, int length) => new(Bytes(seed, length));

    /// <summary>The same message as a short text that no other has.</summary>
    public static string Pattern(int seed, int length) => Digest(Bytes(seed, length));

    private void Deliver(int to, int from, object message)
    {
        switch (message)
        {
            case Credit credit:
                _outbound.Accept(from, credit, _now, Put);
                break;
            case Broken broken:
                _outbound.Accept(broken, _now, Put);
                break;
            case Chunk chunk:
                _receivers.TryAdd(to, new InboundStreams<int>(new EndpointOptions { SegmentBytes = SegmentBytes }));
                if (_receivers[to].Accept(from, chunk, _now, out var answer) is { } frame)
                {
                    _arrived.TryAdd(to, []);
                    _arrived[to].Add(Digest(frame.Bytes().ToArray()));
                    frame.Release();
                }

                if (answer is not null)
                {
                    Cross(Sender, to, answer);
                }

                break;
        }
    }

    private void Put(int to, Chunk chunk)
    {
        if (LoseOnce?.Invoke(chunk) == true)
        {
            LoseOnce = null;
            return;
        }

        // A copy stands for the transport's own, which outlives the sender's frame.
        Cross(to, Sender, chunk with { Bytes = chunk.Bytes.ToArray() });
    }

    private void Cross(int to, int from, object message)
    {
        for (var copies = _random.NextDouble() < doubling ? 2 : 1; copies > 0; copies--)
        {
            if (_random.NextDouble() >= loss)
            {
                _air.Add((to, from, message));
            }
        }
    }

    private static string Digest(ReadOnlySpan<byte> bytes) => $"{bytes.Length}:{Convert.ToHexString(SHA256.HashData(bytes))}";

    private static byte[] Bytes(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
