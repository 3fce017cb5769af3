using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Akka.Actor;
using Akka.Configuration;

namespace TwoTower.Tests.Cluster;

/// <summary>A node that cannot listen or join says in words which address, what is wrong and what to do, and ends with 2 within 5 s. The
/// real binary; alone on the machine, because times are measured.</summary>
[Collection(nameof(Alone))]
public sealed class DoorSpecs : IDisposable
{
    private static readonly TimeSpan s_promised = TimeSpan.FromSeconds(5);
    private readonly string _folder = Directory.CreateTempSubdirectory("twotower-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_port_that_is_taken()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        await RefusedAsync(["--role", "trainer", "--port", $"{port}"], $"Port {port} at 127.0.0.1 is in use by another program",
            "give this node another --port");
    }

    [Theory]
    [InlineData("192.0.2.1", "--listen 192.0.2.1 is no address of this machine: give one that it has")]
    [InlineData("nowhere.invalid", "--listen nowhere.invalid does not resolve to an address")]
    public Task An_address_that_is_not_the_machines(string host, string reason) =>
        RefusedAsync(["--role", "trainer", "--port", "0", "--listen", host], reason);

    [Fact]
    public Task A_seed_whose_name_does_not_resolve() => RefusedAsync(
        ["--role", "server", "--port", "0", "--seed-node", "nowhere.invalid:4053"],
        "nowhere.invalid:4053: the name nowhere.invalid does not resolve to an address",
        "mend --seed-node; --join-within SECONDS waits longer than 3 s");

    [Fact]
    public async Task A_seed_where_nothing_listens_and_every_one_of_several_is_named()
    {
        var (one, two) = (FreePort(), FreePort());
        await RefusedAsync(
            ["--role", "server", "--port", "0", "--seed-node", $"127.0.0.1:{one}", "--seed-node", $"127.0.0.1:{two}"],
            $"127.0.0.1:{one}: the connection is refused, because nothing listens there", $"127.0.0.1:{two}: the connection is refused",
            "Start one of these nodes first");
    }

    [Fact]
    public async Task A_seed_that_calls_itself_otherwise()
    {
        await using var trainer = await NodeProcess.StartAsync(_folder, "trainer", null, "--out", "run");
        var port = trainer.Address.Split(':')[1];

        await RefusedAsync(
            ["--role", "server", "--port", "0", "--seed-node", $"localhost:{port}"],
            $"localhost:{port}: the node there calls itself 127.0.0.1:{port}, and answers to no other name; say --seed-node "
            + $"127.0.0.1:{port} here");
        await using var server = await NodeProcess.StartAsync(_folder, "server", trainer.Address);
        await ProcessCluster.UntilMemberAsync(trainer, server);
    }

    [Theory]
    [InlineData("twotower-4", "speaks version 4 of the nodes' protocol, and this one version ")]
    [InlineData("twotower", "speaks version 5 or less of the nodes' protocol")]
    [InlineData("orders", "an actor system named 'orders' listens there, no node of twotower")]
    public async Task A_seed_of_another_version_or_of_another_program_on_akka(string name, string reason)
    {
        using var system = ActorSystem.Create(name,
            ConfigurationFactory.ParseString(
            "akka { stdout-loglevel = off, loglevel = off, actor.provider = remote, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 } }"));
        var port = ((ExtendedActorSystem)system).Provider.DefaultAddress.Port;

        await RefusedAsync(["--role", "server", "--port", "0", "--seed-node", $"127.0.0.1:{port}"], $"127.0.0.1:{port}: ", reason);
        await system.Terminate();
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", "what listens there is no node: it answers 'HTTP/1.1 400 Bad Request'")]
    [InlineData("\u0004\u0000\u0000\u0000abcd", "what listens there is no node: it answers 'abcd'")]
    [InlineData("",
        "something listens there, but it closes the connection (it may be no node, or a node with TLS, which this one is without)")]
    [InlineData(null, "something listens there, but it does not answer as a node does (it may be the port of another program)")]
    public async Task A_seed_that_is_no_node(string? answer, string reason)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var kept = new List<TcpClient>();
        var serving = Task.Run(async () =>
        {
            while (true)
            {
                var client = await other.AcceptTcpClientAsync();
                kept.Add(client);
                if (answer is not null)
                {
                    await client.GetStream().ReadAtLeastAsync(new byte[256], 1);
                    await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(answer));
                    client.Close();
                }
            }
        });
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        await RefusedAsync(["--role", "server", "--port", "0", "--seed-node", $"127.0.0.1:{port}"], $"127.0.0.1:{port}: {reason}");
        other.Stop();
        await Assert.ThrowsAnyAsync<Exception>(() => serving);
        kept.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task A_seed_that_comes_while_it_is_waited_for_is_joined()
    {
        var port = FreePort();
        using var server = Start(["--role", "server", "--port", "0", "--seed-node", $"127.0.0.1:{port}", "--join-within", "0"]);
        Assert.Contains("the connection is refused, because nothing listens there. Asking again for ever (--join-within).",
            await server.StandardError.ReadLineAsync(), StringComparison.Ordinal);

        await using var trainer = await NodeProcess.StartAsync(_folder, "trainer", null, "--out", "run", "--port",
            port.ToString(CultureInfo.InvariantCulture));
        Assert.StartsWith("Node 127.0.0.1:", await server.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
        server.Kill();
        await server.WaitForExitAsync();
    }

    private async Task RefusedAsync(string[] arguments, params string[] expected)
    {
        var begin = Stopwatch.GetTimestamp();
        using var node = Start(arguments);
        var (output, error) = (node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
        await node.WaitForExitAsync();
        var passed = Stopwatch.GetElapsedTime(begin);
        var said = (await error).Trim().Split('\n')[^1];

        Assert.All(expected, text => Assert.Contains(text, said, StringComparison.Ordinal));
        Assert.True(node.ExitCode == 2, $"{node.ExitCode}: {said}");
        Assert.True(passed < s_promised, $"{passed}");
        Assert.Equal(string.Empty, await output);
        Assert.DoesNotContain("   at ", await error, StringComparison.Ordinal);
    }

    private Process Start(string[] arguments) => Process.Start(new ProcessStartInfo("dotnet", [TestedProgram.Path, "node", .. arguments])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        WorkingDirectory = _folder,
    })!;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
