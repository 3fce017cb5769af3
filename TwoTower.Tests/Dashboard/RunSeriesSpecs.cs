using System.Text.Json;
using TwoTower.Node.Dashboard.Feeds;
using TwoTower.Node.Telemetry;

namespace TwoTower.Tests.Dashboard;

public sealed class RunSeriesSpecs
{
    private static readonly RunEvent.Begin s_begin = new()
    {
        Wall = 0,
        FromBatch = 0,
        TotalBatches = 100,
        BatchesPerEpoch = 10,
        TrainPositives = 1_000,
        Workers = 2,
        Shards = 4,
        Cutoffs = [10]
    };

    [Fact]
    public void A_page_that_gets_the_whole_and_then_what_is_new_has_what_another_gets_at_once()
    {
        RunEvent[] all =
        [
            s_begin, .. Enumerable.Range(1, 30).Select(n => MadeRun.Progress(n, n)),
            new RunEvent.Epoch { Wall = 7, Batches = 60, Number = 1, Loss = 2 },
            new RunEvent.Notice { Wall = 8, Batches = 60, Kind = "fault", Text = "!" },
        ];
        var early = Series(all[..12]);
        var first = early.Whole("running");
        var mark = early.End;
        foreach (var happened in all[12..])
        {
            early.Add(happened);
        }

        var more = early.Since(mark, "running")!;
        var whole = Series(all).Whole("running");
        Assert.Equal(whole.Progress!.Batches, [.. first.Progress!.Batches, .. more.Progress!.Batches]);
        Assert.Equal(whole.Progress.Loss, [.. first.Progress.Loss, .. more.Progress.Loss]);
        Assert.Equal(whole.Lanes!.Cells[1], first.Lanes!.Cells[1] + more.Lanes!.Cells[1]);
        Assert.Equal((1, 1, 0), (more.Epochs.Count, more.Notices.Count, first.Epochs.Count));
        Assert.Null(more.Begin);
        Assert.Null(early.Since(early.End, "running"));
    }

    [Fact]
    public void Seconds_go_on_where_a_process_that_goes_on_begins_anew()
    {
        var series = Series(s_begin, MadeRun.Progress(5, 1), s_begin with { FromBatch = 10 }, MadeRun.Progress(6, 1));

        Assert.Equal([1.0, 2.2], series.Whole("running").Progress!.Wall.Select(seconds => Math.Round(seconds, 6)));
    }

    [Fact]
    public void What_happens_between_progress_has_its_place_on_every_axis()
    {
        var series = Series(s_begin, new RunEvent.Notice { Wall = 1.5, Virtual = 0.25, Batches = 25, Kind = "fault", Text = "!" });

        Assert.Equal(new Place(25, 2_500, 1.5, 0.25), Assert.Single(series.Whole("running").Notices).At);
    }

    [Fact]
    public void A_long_run_is_thinned_without_losing_its_spike_and_knows_means()
    {
        var series = Series([s_begin, .. Enumerable.Range(1, 10_000).Select(n => MadeRun.Progress(n, n == 7_777 ? 99 : 1))]);

        var progress = series.Whole("running").Progress!;

        Assert.InRange(progress.Batches.Count, RunSeries.Buckets, (6 * RunSeries.Buckets) + 2);
        Assert.Equal(99, progress.Loss.Max());
        Assert.InRange(progress.LossMeans!.Max()!.Value, 1.1, 98);
        Assert.Equal(10_000, series.AllProgress().Batches.Count);
        Assert.True(JsonSerializer.SerializeToUtf8Bytes(series.Whole("running")).Length < 500_000);
    }

    [Fact]
    public void Thousands_of_evaluations_are_thinned_to_the_extremes_and_the_best_and_a_file_has_them_all()
    {
        var series = Series([s_begin with { Metric = "recall@10" }, .. Enumerable.Range(1, 5_000).Select(n => new RunEvent.Evaluation
        {
            Wall = n, Batches = n, Best = n == 2_345,
            Metrics = new Dictionary<string, double> { ["recall@10"] = n == 1_234 ? 0 : 0.1, ["ndcg@10"] = 0.1 },
        })]);

        var few = series.Whole("running").Evaluations.Select(evaluation => evaluation.At.Batches).ToArray();

        Assert.InRange(few.Length, RunSeries.Buckets, (2 * RunSeries.Buckets) + 3);
        Assert.Equal(few.Order().Distinct(), few);
        Assert.Equal((1L, 5_000L), (few[0], few[^1]));
        Assert.Contains(1_234L, few);
        Assert.Contains(2_345L, few);
        Assert.Equal(5_000, series.Everything("running").Evaluations.Count);
    }

    [Fact]
    public void A_worker_that_was_lost_for_a_moment_is_seen_to_have_been()
    {
        var series =
            Series([s_begin, .. Enumerable.Range(1, 4_000)
            .Select(n => MadeRun.Progress(n, 1, n == 2_000 ? "lost" : n < 2_000 ? "computing" : "waiting"))]);

        var cells = series.Whole("running").Lanes!.Cells;

        Assert.Equal(RunSeries.Buckets, cells[1].Length);
        Assert.Equal(('9', 'x', '0'), (cells[1][0], cells[1].Single(cell => cell == 'x'), cells[1][^1]));
        Assert.DoesNotContain('x', cells[0]);
    }

    [Fact]
    public void An_epoch_that_has_only_begun_has_no_rate() =>
        Assert.Null(Assert.Single(Series(s_begin, MadeRun.Progress(1, 1) with { ExamplesPerSecond = 0 }).Whole("running").Progress!.Rate));

    private static RunSeries Series(params IEnumerable<RunEvent> events)
    {
        var series = new RunSeries();
        foreach (var happened in events)
        {
            series.Add(happened);
        }

        return series;
    }
}
