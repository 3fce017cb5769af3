using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace TwoTower.Tests.Cluster;

/// <summary>A network that can be cut wherever processes can be started: every node is known to the others by the port of a relay, which
/// passes on what comes for it, unless the cable of the machine that it comes from or goes to is pulled. Who has opened a connection is
/// said in the first frame on it.</summary>
internal sealed class RelayedNetwork : ICuttableNetwork
{
    private readonly ConcurrentDictionary<int, int> _machineOfPort = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource> _pulled = new();
    private readonly ConcurrentBag<NodeRelay> _relays = [];

    /// <inheritdoc />
    public Task<NodeProcess> StartAsync(int machine, string folder, string role, string? seed, string[] arguments)
    {
        var port = FreePort();
        var relay = new NodeRelay(port, known => UntilConnectedAsync(_machineOfPort[known], machine));
        _relays.Add(relay);
        _machineOfPort[relay.Port] = machine;
        return NodeProcess.StartAsync(folder, role, seed, [.. arguments, "--port", $"{port}", "--public-port", $"{relay.Port}"]);
    }

    /// <inheritdoc />
    public void Connect(int machine, bool connected)
    {
        if (!connected)
        {
            _pulled.TryAdd(machine, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        else if (_pulled.TryRemove(machine, out var back))
        {
            back.SetResult();
        }
    }

    public void Dispose()
    {
        foreach (var relay in _relays)
        {
            relay.Dispose();
        }
    }

    private async ValueTask UntilConnectedAsync(int from, int to)
    {
        while (from != to && (_pulled.TryGetValue(from, out var cable) || _pulled.TryGetValue(to, out cable)))
        {
            await cable.Task;
        }
    }

    /// <summary>A port below those that systems give to connections, so that none of them takes it before the node does.</summary>
    private static int FreePort()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(15_000, 32_000);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }
}

/// <summary>A fact for where the kernel's own network cannot be cut, or where it is asked for: it takes most of a minute, and says of the
/// cluster what the other says.</summary>
public sealed class RelayedNetworkFactAttribute : FactAttribute
{
    public RelayedNetworkFactAttribute()
    {
        if (NetworkNamespaces.Refusal is null && Environment.GetEnvironmentVariable("TWOTOWER_TEST_RELAYS") != "1")
        {
            Skip = "The kernel's own network can be cut here, and is in another spec; TWOTOWER_TEST_RELAYS=1 runs this one too.";
        }
    }
}
