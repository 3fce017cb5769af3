using System.Globalization;
using Microsoft.Playwright;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Node.Dashboard;
using TwoTower.Node.Telemetry;
using TwoTower.Tests.Data;

namespace TwoTower.Tests.Dashboard.Browser;

/// <summary>The page of a run that is made up as it goes on.</summary>
[Collection(BrowserFixture.Name)]
public sealed class RunPageSpecs : IAsyncLifetime
{
    private readonly BrowserFixture _browser;
    private readonly TemporaryFolder _folder = new();
    private readonly MadeRun _run;
    private readonly IDisposable _work;
    private DashboardServer _server = null!;

    public RunPageSpecs(BrowserFixture browser)
    {
        _browser = browser;
        _run = new MadeRun(_folder.Path, "made");
        _work = _run.Work();
        _run.Train(600);
        _run.Tell(
            MadeRun.Progress(601, 6, "lost"),
            new RunEvent.Notice
            {
                Wall = 60,
                Batches = 600,
                Kind = "worker-lost",
                Text = "worker-1 is lost: its node does not answer; its batches go to others."
            },
            new RunEvent.Notice
            {
                Wall = 70,
                Batches = 700,
                Kind = "hand-off",
                Text = "shard-3 has moved from 127.0.0.1:4101 to 127.0.0.1:4102."
            },
            new RunEvent.Members
            {
                All = [new ClusterMember("127.0.0.1:4100", ["trainer", "evaluator"], "Up", true),
                    new ClusterMember("127.0.0.1:4102", ["server"], "Up", false)],
                Shards = [.. Enumerable.Range(0, 4).Select(shard => new ShardPlace(shard, "127.0.0.1:4102"))],
            });
    }

    public async Task InitializeAsync() => _server = await Serve(0);

    public async Task DisposeAsync()
    {
        _work.Dispose();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [BrowserFact]
    public async Task A_page_goes_on_when_its_server_is_started_again()
    {
        await using var visit = await OpenAsync();
        Assert.Equal(1_202, await visit.BatchesAsync());
        visit.ServerMayBeGone = true;
        var port = _server.Url.Port;
        await _server.DisposeAsync();
        await visit.See("connection").ToContainTextAsync("does not answer");
        _run.Tell(MadeRun.Progress(700, 5));

        _server = await Serve(port);

        await visit.See("connection").ToBeEmptyAsync();
        await visit.See("done").ToHaveTextAsync("1,400 of 20,000 batches");
    }

    [BrowserFact]
    public async Task A_pause_keeps_what_comes_and_shows_it_afterwards()
    {
        await using var visit = await OpenAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        _run.Tell(MadeRun.Progress(650, 5));
        await visit.UntilAsync("() => document.body.dataset.batches === '1300'"); // it has come
        Assert.Equal(1_202, await visit.BatchesAsync());

        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();

        await visit.See("done").ToHaveTextAsync("1,300 of 20,000 batches");
    }

    [BrowserFact]
    public async Task A_killed_run_says_so_and_none_of_its_workers_is_alive()
    {
        await using var visit = await OpenAsync();
        await visit.See("status").ToHaveTextAsync("running");
        await visit.See("workers").ToContainTextAsync("1 at work, 1 lost");

        _work.Dispose();

        await visit.See("status").ToHaveTextAsync("crashed");
        await visit.See("words").ToContainTextAsync("its process was killed, or it failed");
        await visit.See("workers").ToContainTextAsync("no worker is");
        await visit.See("members").ToContainTextAsync("gone");
        await visit.See("result").ToHaveTextAsync("It ended without a result.");
        await visit.Page.Locator("#workers summary").ClickAsync();
        Assert.Equal(["gone", "lost"], await visit.Page.Locator("#workers tbody td:nth-child(2)").AllTextContentsAsync());
        await visit.PictureAsync("crashed");
    }

    [BrowserFact]
    public async Task After_another_trainer_has_taken_over_what_the_one_before_it_told_is_not_shown_as_of_now()
    {
        await using var visit = await OpenAsync();
        await visit.See("cluster").ToBeVisibleAsync();

        _run.Tell(new RunEvent.Begin
        {
            Wall = 0,
            TotalBatches = 20_000,
            BatchesPerEpoch = 1_000,
            Workers = 3,
            Shards = 4,
            Consistency = "asp",
            Cutoffs = [10]
        });

        await visit.See("cluster").ToBeHiddenAsync();
        await visit.See("histograms").ToHaveTextAsync("No pushed row was counted yet.");
        await visit.See("workers").ToContainTextAsync("Nothing is told of single workers now");
        var counts = new long[1_025];
        (counts[0], counts[^1]) = (1, 1);
        _run.Tell(
            MadeRun.Progress(700, 5) with { Workers = [new(5, 9, 3, "computing"), new(6, 9, 3, "waiting"), new(7, null, 1, "lost")] },
            new RunEvent.Staleness { Wall = 1, Batches = 1_400, Histograms = new Dictionary<string, long[]> { ["item/rest"] = counts } });
        await visit.See("workers").ToContainTextAsync("2 at work, 1 lost"); // workers 0 and 1 had lanes before
        await visit.See(visit.Page.Locator("#histograms thead")).ToContainTextAsync("513 and more");
        await visit.See(visit.Page.Locator("#histograms tbody")).ToContainTextAsync("≥ 512.00");
        _run.Tell(MadeRun.Progress(800, 5) with { Workers = null });
        await visit.See("workers").ToContainTextAsync("Nothing is told of single workers now");
        Assert.Equal(0, await visit.Page.Locator("#workers tbody tr").CountAsync());
    }

    [BrowserFact]
    public async Task A_page_that_is_not_looked_at_holds_no_stream_and_one_that_is_refused_says_why()
    {
        await using var server =
            await DashboardServer.StartAsync(
            new DashboardOptions(_folder.Path)
            {
                Limits = new DashboardLimits
                {
                    Streams = 1,
                    RequestsPerSecond = 1_000,
                    Interval = TimeSpan.FromMilliseconds(50)
                }
            });
        await using var visit = await _browser.VisitAsync(server.Url);
        await visit.OpenAsync("made");
        await visit.See("done").ToHaveTextAsync("1,202 of 20,000 batches");
        using var client = new HttpClient();
        var events = new Uri(server.Url, $"/api/runs/{new Uri(visit.Page.Url).Query["?id=".Length..]}/events");

        await visit.SeenAsync(false);
        using (var other = await StreamAsync(client, events))
        {
            _run.Tell(MadeRun.Progress(700, 5));
            visit.ServerMayBeGone = true;
            await visit.SeenAsync(true);
            await visit.See("connection").ToContainTextAsync("Too many pages follow runs");
        }

        await visit.See("done").ToHaveTextAsync("1,400 of 20,000 batches", new() { Timeout = 20_000 });
        await visit.See("connection").ToBeEmptyAsync();
        _run.Tell(new RunEvent.End { Wall = 1, Reason = "interrupted" });
        _work.Dispose();
        await visit.See("status").ToHaveTextAsync("interrupted");
        using var ended = await StreamAsync(client, events);
    }

    [BrowserFact]
    public async Task Everything_that_was_told_is_on_the_page_and_can_be_taken_away()
    {
        await using var visit = await OpenAsync();

        await visit.See(visit.Page.Locator("#histograms tbody th")).ToHaveTextAsync(["user, top 1%", "item, rest"]);
        await visit.See("bound").ToContainTextAsync("ssp:4: at most 4 clocks behind");
        await visit.See(visit.Page.Locator("#time tbody tr")).ToHaveCountAsync(3);
        await visit.See(visit.Page.Locator("#shards tbody tr")).ToHaveCountAsync(4);
        await visit.See("shards").ToContainTextAsync("127.0.0.1:4102");
        await visit.See("members").ToContainTextAsync("not reachable");
        await visit.See("notices").ToContainTextAsync("worker-1 is lost");
        var recall = visit.Page.GetByRole(AriaRole.Region, new() { Name = "Metric", Exact = true });
        await visit.See(recall.Locator(".legend button")).ToContainTextAsync(["two towers", "popularity", "recent popularity", "EASE"]);
        var lanes = visit.Page.Locator("canvas.lanes");
        var marked = await lanes.EvaluateAsync<string>("canvas => canvas.toDataURL()");
        await visit.Named("marks").SelectOptionAsync("none");
        Assert.NotEqual(marked, await lanes.EvaluateAsync<string>("canvas => canvas.toDataURL()"));
        await visit.Named("metric").SelectOptionAsync("ndcg@10");
        await visit.See(recall.Locator("h3")).ToHaveTextAsync("ndcg@10");
        await visit.Named("axis").SelectOptionAsync("wall");
        var loss = visit.Page.GetByRole(AriaRole.Img, new() { Name = "Loss by wall time" });
        await loss.FocusAsync();
        await visit.Page.Keyboard.PressAsync("Home");
        await visit.See(visit.Page.Locator("#charts .mark").First).ToContainTextAsync("0:00");

        var csv = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Page.GetByRole(AriaRole.Button, new() { Name = "Loss as CSV" })
            .ClickAsync());
        var png = await visit.Page.RunAndWaitForDownloadAsync(() =>
            visit.Page.GetByRole(AriaRole.Button, new() { Name = "Loss as a picture" }).ClickAsync());
        var all = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Page.GetByRole(AriaRole.Link, new() { Name = "JSON" })
            .ClickAsync());
        var lines = await File.ReadAllLinesAsync((await csv.PathAsync())!);
        Assert.Equal((602, "wall,smoothed,raw"), (lines.Length, lines[0]));
        Assert.Equal(601 * 0.2, double.Parse(lines[^1].Split(',')[0], CultureInfo.InvariantCulture), 1e-6);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], (await File.ReadAllBytesAsync((await png.PathAsync())!))[..4]);
        Assert.Equal("made.json", all.SuggestedFilename);
    }

    [BrowserFact]
    public async Task A_drag_over_a_chart_shows_a_stretch_in_all_of_them()
    {
        await using var visit = await OpenAsync();
        var box = (await visit.Page.Locator("#charts .u-over").First.BoundingBoxAsync())!;
        await visit.Page.Mouse.MoveAsync(box.X + (box.Width / 4), box.Y + 40);
        await visit.Page.Mouse.DownAsync();
        await visit.Page.Mouse.MoveAsync(box.X + (box.Width / 2), box.Y + 40, new() { Steps = 4 });
        await visit.Page.Mouse.UpAsync();

        await visit.See("whole").ToBeVisibleAsync();
        await visit.Named("whole").ClickAsync();
        await visit.See("whole").ToBeHiddenAsync();
    }

    [BrowserFact]
    public async Task Pages_fit_a_telephone_in_light_and_dark()
    {
        foreach (var dark in new[] { false, true })
        {
            await using var visit = await _browser.VisitAsync(_server.Url, width: 360, height: 740, dark: dark);
            await visit.See(visit.Page.GetByRole(AriaRole.Link, new() { Name = "made" })).ToBeVisibleAsync();
            await visit.FitsAsync();
            await visit.OpenAsync("made");
            await visit.Page.Locator("#charts canvas").First.WaitForAsync();
            await visit.FitsAsync();
            Assert.Equal(dark ? "rgb(20, 23, 27)" : "rgb(255, 255, 255)",
                await visit.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
            await visit.PictureAsync(dark ? "narrow-dark" : "narrow");
            await visit.Page.GetByRole(AriaRole.Link, new() { Name = "What it learned" }).ClickAsync();
            await visit.See("none").ToContainTextAsync("when it is over");
            await visit.FitsAsync();
        }
    }

    /// <summary>A stream, as soon as there is room for it.</summary>
    private static async Task<HttpResponseMessage> StreamAsync(HttpClient client, Uri events)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            var answer = await client.GetAsync(events, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (answer.IsSuccessStatusCode)
            {
                return answer;
            }

            answer.Dispose();
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    private async Task<DashboardServer> Serve(int port) =>
        await DashboardServer.StartAsync(new DashboardOptions(_folder.Path)
        {
            Port = port,
            Limits = new DashboardLimits { RequestsPerSecond = 1_000, Interval = TimeSpan.FromMilliseconds(50) }
        });

    private async Task<Visit> OpenAsync()
    {
        var visit = await _browser.VisitAsync(_server.Url);
        await visit.OpenAsync("made");
        await visit.See("done").ToHaveTextAsync("1,202 of 20,000 batches");
        return visit;
    }
}
