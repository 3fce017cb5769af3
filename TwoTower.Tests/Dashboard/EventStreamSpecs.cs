using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using TwoTower.Node.Dashboard;
using TwoTower.Node.Telemetry;

namespace TwoTower.Tests.Dashboard;

public sealed class EventStreamSpecs : DashboardSpecs
{
    private static readonly TimeSpan s_often = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task A_stream_tells_all_then_what_is_new_and_that_the_run_was_killed()
    {
        var run = new MadeRun(Library, "run");
        run.Train(3);
        await using var server =
            await DashboardServer.StartAsync(new DashboardOptions(Library) { Limits = new DashboardLimits { Interval = s_often } });
        var work = run.Work();
        using var stream = new StreamReader(await Client.GetStreamAsync(new Uri(server.Url, $"/api/runs/{await OnlyId(server)}/events")));
        async Task<JsonNode> Next()
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            while (true)
            {
                if (await stream.ReadLineAsync(limit.Token) is { } line && line.StartsWith("data: ", StringComparison.Ordinal))
                {
                    return JsonNode.Parse(line[6..])!;
                }
            }
        }

        var whole = await Next();
        run.Tell(MadeRun.Progress(4, 1));
        var more = await Next();
        work.Dispose();
        var end = await Next();

        Assert.Equal((true, "running", 3), ((bool)whole["whole"]!, (string)whole["status"]!, whole["progress"]!["loss"]!.AsArray().Count));
        Assert.Equal((false, 8), ((bool)more["whole"]!, (int)more["progress"]!["batches"]![0]!));
        Assert.Equal("crashed", (string)end["status"]!);
    }

    [Fact]
    public async Task Streams_are_so_many_and_one_that_ends_makes_room()
    {
        _ = new MadeRun(Library, "run");
        await using var server =
            await DashboardServer.StartAsync(
            new DashboardOptions(Library) { Limits = new DashboardLimits { Streams = 1, Interval = s_often } });
        var events = new Uri(server.Url, $"/api/runs/{await OnlyId(server)}/events");

        using (var first = await Client.GetAsync(events, HttpCompletionOption.ResponseHeadersRead))
        {
            using var second = await Client.GetAsync(events, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable), (first.StatusCode, second.StatusCode));
            Assert.Equal("text/event-stream", first.Content.Headers.ContentType!.MediaType);
            Assert.EndsWith("close one.", (string)JsonNode.Parse(await second.Content.ReadAsStringAsync())!["error"]!,
                StringComparison.Ordinal);
        }

        await Eventually(() => IsFree(events));
    }

    [Fact]
    public async Task Who_does_not_read_is_dropped()
    {
        Loud();
        _ = new MadeRun(Library, "small"); // what it has to tell fits into any socket, so that whoever asks for it never seems deaf
        await using var server =
            await DashboardServer.StartAsync(
            new DashboardOptions(Library)
            {
                Limits = new DashboardLimits
                {
                    Streams = 1,
                    Patience = TimeSpan.FromMilliseconds(300),
                    Interval = s_often
                }
            });
        var events = (await Runs(server)).ToDictionary(run => (string)run!["path"]!, run => $"/api/runs/{run!["id"]}/events");
        using var deaf = await DeafAsync(server, events["loud"]);

        await Eventually(() => IsFree(new Uri(server.Url, events["small"])));
    }

    [Fact]
    public async Task Who_reads_slowly_is_told_all_however_long_that_takes()
    {
        Loud();
        var patience = TimeSpan.FromSeconds(3);
        await using var server =
            await DashboardServer.StartAsync(
            new DashboardOptions(Library) { Limits = new DashboardLimits { Patience = patience, Interval = s_often } });
        using var slow = await DeafAsync(server, $"/api/runs/{await OnlyId(server)}/events");
        var began = Stopwatch.GetTimestamp();
        using var pause = new PeriodicTimer(patience / 12);

        var piece = new byte[1 << 19];
        long received = 0;
        for (var turn = 0; turn < 16; turn++)
        {
            await pause.WaitForNextTickAsync();
            await slow.GetStream().ReadExactlyAsync(piece);
            received += piece.Length;
        }

        Assert.True(Stopwatch.GetElapsedTime(began) > patience);
        Assert.Equal(16L << 19, received);
    }

    [Fact]
    public async Task Exports_that_are_held_for_slow_readers_are_so_many_and_one_that_goes_makes_room()
    {
        Loud();
        await using var server =
            await DashboardServer.StartAsync(new DashboardOptions(Library) { Limits = new DashboardLimits { Exports = 1 } });
        var export = $"/api/runs/{await OnlyId(server)}/run.json";

        using (await DeafAsync(server, export))
        {
            using var second = await Client.GetAsync(new Uri(server.Url, export));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, second.StatusCode);
            Assert.EndsWith("when they are done.", (string)JsonNode.Parse(await second.Content.ReadAsStringAsync())!["error"]!,
                StringComparison.Ordinal);
        }

        await Eventually(() => IsFree(new Uri(server.Url, export)));
    }

    /// <summary>A run of 16 MB of notices, more than any socket takes in.</summary>
    private void Loud()
    {
        var text = new string('x', 40_000);
        new MadeRun(Library, "loud").Tell(Enumerable.Range(0, 400).Select(n => new RunEvent.Notice { Wall = n, Batches = n, Text = text }));
    }

    /// <summary>Somebody who asks, and then does not read the answer.</summary>
    private static async Task<TcpClient> DeafAsync(DashboardServer server, string path)
    {
        var deaf = new TcpClient { ReceiveBufferSize = 4096 };
        await deaf.ConnectAsync(IPAddress.Loopback, server.Url.Port);
        await deaf.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        // answered, or dropped already, which a busy machine may do before it has sent a byte
        await Eventually(() => Task.FromResult(deaf.Client.Poll(0, SelectMode.SelectRead)));
        return deaf;
    }

    private async Task<bool> IsFree(Uri events)
    {
        using var answer = await Client.GetAsync(events, HttpCompletionOption.ResponseHeadersRead);
        return answer.StatusCode == HttpStatusCode.OK;
    }
}
