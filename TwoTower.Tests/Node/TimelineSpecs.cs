using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Simulation.Tracing;
using TwoTower.Actors.Work;
using TwoTower.Node.Timelines;

namespace TwoTower.Tests.Node;

public sealed class TimelineSpecs : IDisposable
{
    private static readonly NodeId s_worker = NodeId.Worker(0), s_shard = NodeId.Shard(0), s_other = NodeId.Shard(1);
    private readonly string _folder = Directory.CreateTempSubdirectory("twotower-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_worker_pulls_until_the_last_shard_answers_computes_its_time_and_pushes_until_the_last_acknowledgement()
    {
        var lane = Lane(
            Message(10, TraceKind.Sent, s_worker, s_shard, TraceMessage.Pull, 1),
            Message(10, TraceKind.Sent, s_worker, s_other, TraceMessage.Pull, 1),
            Message(20, TraceKind.Delivered, s_shard, s_worker, TraceMessage.Rows, 1),
            Message(21, TraceKind.Delivered, s_shard, s_worker, TraceMessage.Rows, 1),
            Message(30, TraceKind.Delivered, s_other, s_worker, TraceMessage.Rows, 1),
            Work(30, 15),
            Message(45, TraceKind.Sent, s_worker, s_shard, TraceMessage.Push, 7),
            Message(60, TraceKind.Sent, s_worker, s_shard, TraceMessage.Push, 7),
            Message(70, TraceKind.Delivered, s_shard, s_worker, TraceMessage.PushAck, 7));

        Assert.Equal([(10, LaneState.Pull), (30, LaneState.Compute), (45, LaneState.Push), (70, LaneState.Wait)], lane.Changes);
    }

    [Fact]
    public void Computing_shows_over_pulling_ahead_and_ends_when_it_ends_and_not_at_the_next_event()
    {
        var lane = Lane(
            Work(10, 20),
            Message(15, TraceKind.Sent, s_worker, s_shard, TraceMessage.Pull, 2),
            Message(50, TraceKind.Delivered, s_shard, s_worker, TraceMessage.Rows, 2));

        Assert.Equal([(10, LaneState.Compute), (30, LaneState.Pull), (50, LaneState.Wait)], lane.Changes);
    }

    [Fact]
    public void A_crash_ends_everything_and_a_restart_begins_with_empty_hands()
    {
        var lane = Lane(
            Message(5, TraceKind.Sent, s_worker, s_shard, TraceMessage.Push, 2),
            Work(10, 100),
            Fault(40, "crash"),
            Fault(60, "restart"),
            Message(60, TraceKind.Sent, s_worker, NodeId.Trainer, TraceMessage.Join, 2));

        Assert.Equal([(5, LaneState.Push), (10, LaneState.Compute), (40, LaneState.Down), (60, LaneState.Wait)], lane.Changes);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.2, "to 1")]
    [InlineData(1, "to 1")]
    [InlineData(1.1, "to 2")]
    [InlineData(2, "to 2")]
    [InlineData(3, "to 4")]
    [InlineData(4.5, "to 8")]
    [InlineData(512, "to 512")]
    [InlineData(513, "over 512")]
    [InlineData(1e9, "over 512")]
    public void Staleness_goes_into_the_bucket_that_is_named_after_it(double tau, string label) =>
        Assert.Equal(label, TimelineBuilder.StalenessLabels[TimelineBuilder.BucketOf(tau)]);

    [Fact]
    public void Loads_clocks_staleness_scores_and_faults_are_put_where_they_belong()
    {
        var builder = new TimelineBuilder(1200, 1, 2);
        builder.Take(Message(0, TraceKind.Delivered, NodeId.Trainer, s_worker, TraceMessage.LeaseGranted, 0) with { First = 4 });
        builder.Take(Message(600, TraceKind.Delivered, s_worker, s_other, TraceMessage.Push, 0) with { Bytes = 100 });
        builder.Take(Message(600, TraceKind.Sent, s_other, s_worker, TraceMessage.PushAck, 0) with { Bytes = 48, First = 10, Second = 15 });
        builder.Take(Message(900, TraceKind.Delivered, NodeId.Evaluator, NodeId.Trainer, TraceMessage.Evaluated, 30) with
        { First = BitConverter.DoubleToInt64Bits(0.25) });
        builder.Take(Message(901, TraceKind.Delivered, NodeId.Evaluator, NodeId.Trainer, TraceMessage.Evaluated, 30) with
        { First = BitConverter.DoubleToInt64Bits(0.25) });
        builder.Take(Fault(1200, "crash"));
        builder.Take(new TraceEvent(1200, TraceKind.End, default, default, 0, 0, 0, 0, 0, "hash"));
        var timeline = builder.Build(null);

        Assert.Equal((1200, 1e-7, 7, true), (timeline.Length, timeline.UnitSeconds, timeline.Events, timeline.Ended));
        Assert.Equal(148, timeline.ShardBytes[1][600]);
        Assert.Equal((0, 148), (timeline.ShardBytes[0].Sum(), timeline.ShardBytes[1].Sum()));
        Assert.Equal(4, timeline.Clocks[0].Sum());
        Assert.Equal(10, timeline.Staleness[TimelineBuilder.BucketOf(1.5)][150]);
        Assert.Equal([new TimelineScore(900, 30, 0.25)], timeline.Scores);
        Assert.Equal([new TimelineFault(1200, "worker-0", "crash")], timeline.Faults);
    }

    [Fact]
    public void A_long_trace_is_drawn_on_a_grid_that_keeps_each_cells_most_frequent_state()
    {
        const int Rounds = 200_000;
        var builder = new TimelineBuilder(10L * Rounds, 1, 1);
        for (var round = 0L; round < Rounds; round++)
        {
            builder.Take(Work(10 * round, round < Rounds / 2 ? 9 : 1));
        }

        var timeline = builder.Build(null);

        Assert.True(timeline.LaneCellSeconds > 0);
        var lane = timeline.Lanes[0];
        Assert.InRange(lane.Length, 4, 600_000);
        var (at, computing, last) = (0L, 0L, LaneState.Wait);
        for (var n = 0; n < lane.Length; n += 2)
        {
            computing += last == LaneState.Compute ? lane[n] : 0;
            at += lane[n];
            last = (LaneState)lane[n + 1];
        }

        Assert.InRange(at, 0.49 * timeline.Length, 0.51 * timeline.Length);
        Assert.InRange(computing, 0.40 * timeline.Length, 0.51 * timeline.Length);
    }

    [Fact]
    public async Task The_page_needs_nothing_besides_itself_and_holds_what_the_run_measured()
    {
        SmallRatings.Write(Path.Combine(_folder, "ratings.csv"));
        var run = Path.Combine(_folder, "run");
        var simulated = await ProgramRun.RunAsync(
            "simulate", "--data", Path.Combine(_folder, "ratings.csv"), "--set", "model.dim=8", "--epochs", "2", "--batch-size", "32",
            "--set", "evaluate.cutoffs=5,10", "--set", "evaluate.metric=recall@10",
            "--workers", "3", "--out", run, "--trace", Path.Combine(_folder, "run.trace"));
        var drawn = await ProgramRun.RunAsync("timeline", run, "--out", Path.Combine(_folder, "page.html"));

        Assert.Equal((0, string.Empty, 0, string.Empty), (simulated.Code, simulated.Error, drawn.Code, drawn.Error));
        var page = File.ReadAllText(Path.Combine(_folder, "page.html"));
        Assert.DoesNotMatch(new Regex("https?:|//[a-z]|src=|href=|@import|url\\(|fetch\\(|XMLHttpRequest", RegexOptions.IgnoreCase), page);
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
        var data = JsonNode.Parse(Regex.Match(page, "^const D = (.*);$", RegexOptions.Multiline).Groups[1].Value)!;
        var summary = JsonNode.Parse(File.ReadAllText(Path.Combine(run, "summary.json")))!;
        Assert.Equal((string)summary["world"]!["traceSha256"]!, (string)data["sha256"]!);
        Assert.Equal(summary["world"]!["shardBytes"]!.AsArray().Select(bytes => (long)bytes!), data["shardBytes"]!.AsArray()
            .Select(shard => shard!.AsArray().Sum(bytes => (long)bytes!)));
        Assert.Equal(3, data["lanes"]!.AsArray().Count);
        Assert.Equal(2, data["scores"]!.AsArray().Count);
        Assert.Contains((double)summary["best"]!["validation"]!["masked"]!["recall@10"]!, data["scores"]!.AsArray()
            .Select(score => (double)score!["value"]!));
        Assert.Equal("3", (string)data["settings"]!["train.workers"]!);

        var untraced = await ProgramRun.RunAsync("timeline", Path.Combine(_folder, "nowhere"));
        Assert.Equal(2, untraced.Code);
    }

    private static WorkerLane Lane(params TraceEvent[] events)
    {
        var lane = new WorkerLane(s_worker);
        foreach (var traced in events)
        {
            lane.Take(traced);
        }

        return lane;
    }

    private static TraceEvent Message(long ticks, TraceKind kind, NodeId from, NodeId to, TraceMessage message, long key) =>
        new(ticks, kind, from, to, (int)message, key, 0, 0, 0, string.Empty);

    private static TraceEvent Work(long ticks, long length) =>
        new(ticks, TraceKind.Work, s_worker, s_worker, (int)WorkKind.Gradient, 1, length, 0, 0, string.Empty);

    private static TraceEvent Fault(long ticks, string what) => new(ticks, TraceKind.Fault, s_worker, s_worker, 1, 0, 0, 0, 0, what);
}
