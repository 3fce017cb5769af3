using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Tensorboard;
using TwoTower.Node.Dashboard;
using TwoTower.Node.Telemetry;
using TwoTower.Tests.Node;

namespace TwoTower.Tests.Telemetry;

/// <summary>What others are told of a run, read back as they would.</summary>
[Collection(TrainedRuns.Name)]
public sealed class ExporterSpecs(TrainedRuns runs)
{
    [Fact]
    public void TensorBoard_files_have_the_curves_and_the_histogram_of_staleness()
    {
        var events = TensorBoardEvents(Assert.Single(Directory.GetFiles(Path.Combine(runs.Run, "tensorboard"))));
        var begin = runs.Events.OfType<RunEvent.Begin>().Last();

        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.Equal((SessionLog.Types.SessionStatus.Start, begin.FromBatch + 1), (events[1].SessionLog.Status, events[1].Step));
        var scalars = events.Where(happened => happened.Summary is not null)
            .SelectMany(happened => happened.Summary.Value.Select(value => (happened.Step, happened.WallTime, value))).ToArray();
        var evaluation = runs.Events.OfType<RunEvent.Evaluation>().Last();
        var (step, time, recall) = Assert.Single(scalars, scalar => scalar.value.Tag == "validation/recall@5");
        Assert.Equal((evaluation.Batches, (float)evaluation.Metrics["recall@5"]), (step, recall.SimpleValue));
        Assert.InRange(TimeProvider.System.GetUtcNow().UtcDateTime - DateTime.UnixEpoch.AddSeconds(time), TimeSpan.Zero,
            TimeSpan.FromHours(1));
        foreach (var tag in new[] { "loss/batch", "loss/epoch", "staleness/mean", "throughput/examples per second" })
        {
            Assert.Contains(scalars, scalar => scalar.value.Tag == tag && scalar.value.SimpleValue >= 0);
        }

        var counts = runs.Events.OfType<RunEvent.Staleness>().Last().Histograms["item/rest"];
        var histogram = scalars.Last(scalar => scalar.value.Tag == "staleness/item/rest").value.Histo;
        Assert.Equal(counts.Select(count => (double)count), histogram.Bucket);
        Assert.Equal((counts.Sum(), counts.Select((count, tau) => count * (double)tau).Sum()), (histogram.Num, histogram.Sum));
    }

    [Fact]
    public void A_collector_gets_metrics_and_traces_of_the_run_by_the_standard_variables()
    {
        string All(string path) =>
            string.Concat(runs.Collected.Where(post => post.Path == path).Select(post => Encoding.Latin1.GetString(post.Body)));

        foreach (var name in new[] { "twotower.batches", "twotower.examples", "twotower.loss", "twotower.staleness", "twotower.shard.io",
            "twotower.validation", "recall@5", runs.Run })
        {
            Assert.Contains(name, All("/v1/metrics"), StringComparison.Ordinal);
        }

        foreach (var name in new[] { "run", "epoch", "evaluation", "twotower.consistency", "finished" })
        {
            Assert.Contains(name, All("/v1/traces"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_log_has_the_life_of_the_run_an_object_a_line()
    {
        var lines = File.ReadAllLines(runs.Log).Select(line => JsonNode.Parse(line)!).ToArray();

        Assert.All(lines, line => Assert.Equal(runs.Run, (string)line["Run"]!));
        Assert.Contains("begins from batch", (string)lines[0]["@mt"]!, StringComparison.Ordinal);
        Assert.Equal(("finished", runs.Events.OfType<RunEvent.Begin>().Last().TotalBatches),
            ((string)lines[^1]["Reason"]!, (long)lines[^1]["Batches"]!));
        Assert.Equal(runs.Events.OfType<RunEvent.Evaluation>().Last().Metrics["recall@5"],
            (double)lines.Single(line => line["Metrics"] is not null)["Metrics"]!["recall@5"]!);
    }

    [Fact]
    public async Task Prometheus_finds_what_the_run_has_counted_in_this_process()
    {
        var (server, url) = await MetricsEndpoint.ServeAsync(0);
        await using var serving = server;
        using var client = new HttpClient();
        double? Value(string page, string name) => page.Split('\n').Where(line => line.StartsWith(name, StringComparison.Ordinal))
            .Select(line => (double?)double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)).FirstOrDefault();

        string during;
        using (var metrics = new RunMetrics())
        {
            metrics.Write(new RunEvent.Begin { FromBatch = 100, BatchesPerEpoch = 10, TrainPositives = 50 });
            metrics.Write(new RunEvent.Progress
            {
                Batches = 103,
                Examples = 515,
                Loss = 0.5,
                MeanStaleness = 1.5,
                Workers = [new(0, 1, 3, "computing"), new(1, 1, 0, "computing"), new(2, null, 0, "lost")],
                Shards = [new(7, 4, 3, 1000)]
            });
            metrics.Write(new RunEvent.Progress
            {
                Batches = 105,
                Examples = 525,
                Loss = 0.25,
                MeanStaleness = 2,
                Workers = [new(0, 1, 5, "computing"), new(2, null, 0, "lost")],
                Shards = [new(7, 6, 5, 1500)]
            });
            metrics.Write(new RunEvent.Notice { Kind = "worker-lost", Text = "gone" });
            during = await client.GetStringAsync(url);
        }

        Assert.Equal(("127.0.0.1", "/metrics"), (url.Host, url.AbsolutePath));
        Assert.Equal((5, 25, 0.25, 2),
            (Value(during, "twotower_batches"), Value(during, "twotower_examples"), Value(during, "twotower_loss"),
            Value(during, "twotower_staleness")));
        Assert.Equal((1, 1, 1500, 1),
            (Value(during, "twotower_workers{state=\"computing\"}"), Value(during, "twotower_workers{state=\"lost\"}"),
            Value(during, "twotower_shard_io{shard=\"7\"}"), Value(during, "twotower_notices{kind=\"worker-lost\"}")));
    }

    [Fact]
    public async Task A_dashboard_serves_the_metrics_of_its_process_to_those_whom_it_serves()
    {
        await using var server = await DashboardServer.StartAsync(new DashboardOptions(runs.Library) { Token = "5e4c" });
        using var client = new HttpClient();
        var url = new Uri(server.Url, MetricsEndpoint.Path);
        using var metrics = new RunMetrics();
        metrics.Write(new RunEvent.Progress { Batches = 3, Loss = 0.625 });

        using var unknown = await client.GetAsync(url);
        client.DefaultRequestHeaders.Authorization = new("Bearer", "5e4c");

        Assert.Equal(HttpStatusCode.Unauthorized, unknown.StatusCode);
        Assert.Contains("twotower_loss 0.625\n", await client.GetStringAsync(url), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flag_that_cannot_be_followed_is_refused_before_anything_is_done()
    {
        var port = await ProgramRun.RunAsync("train", "--metrics-port", "70000");
        var log = await ProgramRun.RunAsync("train", "--epochs", "1", "--log-json", Path.Combine(runs.Run, "summary.json", "x.log"),
            "--out", Path.Combine(runs.Library, "refused"));
        var sized = await ProgramRun.RunAsync("simulate", "--numerics", "off", "--tensorboard");
        var shown = await ProgramRun.RunAsync("simulate", "--numerics", "off", "--dashboard");

        Assert.Equal((2, 2, 2, 2), (port.Code, log.Code, sized.Code, shown.Code));
        Assert.Contains("--numerics off leaves none", shown.Error, StringComparison.Ordinal);
        Assert.Equal("--metrics-port cannot be '70000'; it takes a port from 0 to 65535.", port.Error.Trim());
        Assert.Contains("--log-json: ", log.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(runs.Library, "refused")));
        Assert.Contains("leave them out", sized.Error, StringComparison.Ordinal);
    }

    private static List<Event> TensorBoardEvents(string path)
    {
        var bytes = File.ReadAllBytes(path).AsSpan();
        var events = new List<Event>();
        while (bytes.Length > 0)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            Assert.Equal(Masked(bytes[..8]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]));
            Assert.Equal(Masked(bytes.Slice(12, length)), BinaryPrimitives.ReadUInt32LittleEndian(bytes[(12 + length)..]));
            events.Add(Event.Parser.ParseFrom(bytes.Slice(12, length).ToArray()));
            bytes = bytes[(16 + length)..];
        }

        return events;
    }

    /// <summary>CRC-32C bit by bit, as its definition has it; that of "123456789" is e3069283.</summary>
    private static uint Masked(ReadOnlySpan<byte> bytes)
    {
        static uint Crc(ReadOnlySpan<byte> of)
        {
            var crc = uint.MaxValue;
            foreach (var value in of)
            {
                crc ^= value;
                for (var bit = 0; bit < 8; bit++)
                {
                    crc = (crc & 1) == 1 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
                }
            }

            return ~crc;
        }

        Assert.Equal(0xe3069283, Crc("123456789"u8));
        var plain = Crc(bytes);
        return ((plain >> 15) | (plain << 17)) + 0xa282ead8;
    }
}
