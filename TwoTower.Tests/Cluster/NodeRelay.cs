using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Google.Protobuf;

namespace TwoTower.Tests.Cluster;

/// <summary>Passes connections on to a node, as long as it may.</summary>
internal sealed class NodeRelay : IDisposable
{
    private const int LongestGreeting = 4096;
    private readonly int _node;
    private readonly Func<int, ValueTask> _untilConnected;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();

    /// <summary>A relay that listens.</summary>
    /// <param name="node">The port that the node binds.</param>
    /// <param name="untilConnected">Waits while nothing can pass between the node that others know by this port and the one behind the
    /// relay, in either direction.</param>
    public NodeRelay(int node, Func<int, ValueTask> untilConnected)
    {
        (_node, _untilConnected) = (node, untilConnected);
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>The port that others know the node by.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = RelayAsync(await _listener.AcceptSocketAsync(_end.Token));
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task RelayAsync(Socket caller)
    {
        try
        {
            using var from = new NetworkStream(caller, ownsSocket: true);
            var greeting = await GreetingAsync(from);
            var origin = OriginOf(greeting);
            await _untilConnected(origin);
            using var node = new TcpClient { NoDelay = true };
            await node.ConnectAsync(IPAddress.Loopback, _node, _end.Token);
            caller.NoDelay = true;
            var to = node.GetStream();
            await to.WriteAsync(greeting, _end.Token);

            // Whichever side closes, the other learns of it no sooner than it could.
            await await Task.WhenAny(PassAsync(from, to, origin), PassAsync(to, from, origin));
            await _untilConnected(origin);
        }
        catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Either end is gone, or there is nobody behind the relay.
        }
    }

    private async Task PassAsync(Stream from, Stream to, int origin)
    {
        var buffer = new byte[64 << 10];
        while (await ReadAsync(from, buffer, origin) is > 0 and var length)
        {
            await _untilConnected(origin);
            await to.WriteAsync(buffer.AsMemory(0, length), _end.Token);
        }
    }

    private async Task<int> ReadAsync(Stream from, byte[] buffer, int origin)
    {
        try
        {
            return await from.ReadAsync(buffer, _end.Token);
        }
        catch (IOException)
        {
            await _untilConnected(origin); // a reset does not pass either
            throw;
        }
    }

    /// <summary>The first frame: its length in four bytes, little-endian, and what it says.</summary>
    private async Task<byte[]> GreetingAsync(Stream from)
    {
        var length = new byte[sizeof(int)];
        await from.ReadExactlyAsync(length, _end.Token);
        var greeting = new byte[sizeof(int) + Math.Clamp(BinaryPrimitives.ReadInt32LittleEndian(length), 0, LongestGreeting)];
        length.CopyTo(greeting, 0);
        await from.ReadExactlyAsync(greeting.AsMemory(sizeof(int)), _end.Token);
        return greeting;
    }

    /// <summary>The port of the node that greets: Akka's protocol begins with an instruction (field 2) that holds a handshake (2) with an
    /// origin (1) whose port is field 3.</summary>
    private static int OriginOf(byte[] greeting)
    {
        var origin = Part(Part(Part(ByteString.CopyFrom(greeting, sizeof(int), greeting.Length - sizeof(int)), 2), 2), 1)
            .CreateCodedInput();
        while (origin.ReadTag() is not 0 and var tag)
        {
            if (tag == WireFormat.MakeTag(3, WireFormat.WireType.Varint))
            {
                return (int)origin.ReadUInt32();
            }

            origin.SkipLastField();
        }

        throw new InvalidDataException("A connection does not begin with who it is from.");
    }

    private static ByteString Part(ByteString message, int field)
    {
        var input = message.CreateCodedInput();
        while (input.ReadTag() is not 0 and var tag)
        {
            if (tag == WireFormat.MakeTag(field, WireFormat.WireType.LengthDelimited))
            {
                return input.ReadBytes();
            }

            input.SkipLastField();
        }

        throw new InvalidDataException("A connection does not begin with who it is from.");
    }
}
