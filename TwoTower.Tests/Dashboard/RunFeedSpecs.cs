using TwoTower.Node.Dashboard.Feeds;
using TwoTower.Node.Telemetry;
using TwoTower.Tests.Data;

namespace TwoTower.Tests.Dashboard;

public sealed class RunFeedSpecs : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MadeRun _run;
    private readonly RunFeed _feed;

    public RunFeedSpecs()
    {
        _run = new MadeRun(_folder.Path, "run");
        _feed = new RunFeed(_run.Folder, TimeSpan.Zero);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_appended_comes_once()
    {
        _run.Train(5);
        var (first, seen) = _feed.Since(null, "running");
        _run.Tell(MadeRun.Progress(6, 1));
        var (more, now) = _feed.Since(seen, "running");
        var (nothing, _) = _feed.Since(now, "running");

        Assert.Equal((true, 5), (first!.Whole, first.Progress!.Batches.Count));
        Assert.Equal((false, 12), (more!.Whole, Assert.Single(more.Progress!.Batches)));
        Assert.Null(nothing);
    }

    [Fact]
    public void What_a_resume_takes_back_is_replaced()
    {
        _run.Train(8);
        var (_, seen) = _feed.Since(null, "running");
        _run.Tell(new RunEvent.Begin { Wall = 0, FromBatch = 6, TotalBatches = 20 }, MadeRun.Progress(4, 1));

        var (view, _) = _feed.Since(seen, "running");

        Assert.True(view!.Whole);
        Assert.Equal([2, 4, 6, 8], view.Progress!.Batches);
    }

    [Fact]
    public void A_run_that_ends_without_a_word_is_news()
    {
        var (_, seen) = _feed.Since(null, "running");

        var (view, _) = _feed.Since(seen, "crashed");

        Assert.Equal((false, "crashed", null), (view!.Whole, view.Status, view.Progress));
    }

    [Fact]
    public void A_page_that_has_been_open_for_long_gets_fewer_points()
    {
        var (_, seen) = _feed.Since(null, "running");
        _run.Train(5_000);
        (_, seen) = _feed.Since(seen, "running");
        _run.Tell(MadeRun.Progress(5_001, 1));

        Assert.True(_feed.Since(seen, "running").View!.Whole);
    }

    [Fact]
    public void A_run_that_has_told_nothing_can_be_looked_at()
    {
        var (view, _) = new RunFeed(Path.Combine(_folder.Path, "none"), TimeSpan.Zero).Since(null, "running");

        Assert.Null(view!.Begin);
        Assert.Empty(view.Progress!.Batches);
    }

    [Fact]
    public void Feeds_are_shared_and_only_the_latest_are_kept()
    {
        var feeds = new RunFeeds(TimeSpan.Zero);
        var first = feeds.Of("0");

        Assert.Same(first, feeds.Of("0"));

        for (var n = 1; n <= 16; n++)
        {
            feeds.Of($"{n}");
        }

        Assert.NotSame(first, feeds.Of("0"));
    }
}
