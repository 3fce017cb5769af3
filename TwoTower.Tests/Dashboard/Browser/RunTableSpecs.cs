using Microsoft.Playwright;
using TwoTower.Node.Dashboard;
using TwoTower.Node.Telemetry;
using TwoTower.Tests.Data;

namespace TwoTower.Tests.Dashboard.Browser;

[Collection(BrowserFixture.Name)]
public sealed class RunTableSpecs(BrowserFixture browser) : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private DashboardServer _server = null!;

    public async Task InitializeAsync() =>
        _server =
        await DashboardServer.StartAsync(new DashboardOptions(_folder.Path) { Limits = new DashboardLimits { RequestsPerSecond = 1_000 } });

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [BrowserFact]
    public async Task An_empty_folder_says_how_to_fill_it_and_then_fills_by_itself()
    {
        await using var visit = await browser.VisitAsync(_server.Url);
        await visit.See("empty").ToContainTextAsync("twotower train --dashboard");

        _ = new MadeRun(_folder.Path, "later");

        await visit.See(visit.Page.GetByRole(AriaRole.Link, new() { Name = "later" })).ToBeVisibleAsync();
        await visit.See("empty").ToBeHiddenAsync();
    }

    [BrowserFact]
    public async Task Runs_are_sorted_filtered_and_pinned_by_keyboard_alone_and_compared()
    {
        new MadeRun(_folder.Path, "b-two", "ssp:4", 2).Train(200, 1);
        var three = new MadeRun(_folder.Path, "a-three", "bsp", 3);
        three.Train(300, 2);
        using var work = three.Work();
        new MadeRun(_folder.Path, "c-four", "asp", 4).Train(400, 3);
        await using var visit = await browser.VisitAsync(_server.Url);
        var names = visit.Page.Locator("#runs tbody td.name a");
        await visit.See(names).ToHaveCountAsync(3);

        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Workers", Exact = true }).PressAsync("Enter");
        Assert.Equal(["c-four", "a-three", "b-two"], await names.AllTextContentsAsync());
        await visit.See(visit.Page.GetByRole(AriaRole.Columnheader, new() { Name = "Workers" }))
            .ToHaveAttributeAsync("aria-sort", "descending");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Pin b-two" }).PressAsync("Enter");
        Assert.Equal(["b-two", "c-four", "a-three"], await names.AllTextContentsAsync());
        await visit.Page.ReloadAsync();
        await visit.See(names.First).ToHaveTextAsync("b-two");

        await visit.Named("filter").FillAsync("bsp");
        await visit.See("count").ToHaveTextAsync("1 of 3 runs");
        await visit.Named("filter").FillAsync("nothing such");
        await visit.See("unmatched").ToBeVisibleAsync();
        await visit.Named("filter").FillAsync(string.Empty);
        foreach (var run in new[] { "b-two", "a-three" })
        {
            await visit.Page.GetByRole(AriaRole.Checkbox, new() { Name = $"Compare {run}" }).PressAsync("Space");
        }

        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Compare 2" }).PressAsync("Enter");

        await visit.See(visit.Page.GetByRole(AriaRole.Region, new() { Name = "Loss", Exact = true }).Locator(".legend button"))
            .ToContainTextAsync(["b-two", "a-three"]);
        await visit.See(visit.Page.Locator("#settings tbody tr")).ToContainTextAsync(["train.workers", "train.consistency"]);
        await visit.See("metrics").ToContainTextAsync("None of these runs has a result yet");
        three.Tell(new RunEvent.End { Wall = 60, Reason = "interrupted" });
        work.Dispose();
        await visit.See("metrics").ToContainTextAsync("No other run has a result"); // it is compared anew when one has ended
    }

    [BrowserFact]
    public async Task Rows_that_stay_as_they_are_follow_the_heading_above_them_and_equal_ones_are_in_the_order_of_their_names()
    {
        foreach (var name in new[] { "b", "c" })
        {
            await File.WriteAllTextAsync(Path.Combine(new MadeRun(_folder.Path, name).Folder, "metrics.csv"),
                "recall@10,recall@50\n0.1234,0.2\n");
        }

        await using var visit = await browser.VisitAsync(_server.Url);
        var cell = visit.Page.GetByRole(AriaRole.Row, new() { Name = "Compare c" }).Locator("td").Nth(8);
        await visit.See(cell).ToHaveTextAsync("0.1234");

        foreach (var name in new[] { "a", "d", "e" })
        {
            new MadeRun(_folder.Path, name, cutoffs: "50")
                .Tell(new RunEvent.Begin
                {
                    Time = new DateTime(2026, 1, 3, 3, 4, name[0] - 'a', DateTimeKind.Utc),
                    Wall = 0,
                    FromBatch = 0,
                    TotalBatches = 20_000,
                    BatchesPerEpoch = 1_000,
                    Workers = 2,
                    Shards = 4,
                    Cutoffs = [50]
                });
        }

        await visit.See(cell).ToContainTextAsync("recall@10");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Shards", Exact = true }).ClickAsync();
        Assert.Equal(["a", "b", "c", "d", "e"], await visit.Page.Locator("#runs tbody td.name a").AllTextContentsAsync());
    }

    [BrowserFact]
    public async Task Names_and_notices_with_html_in_them_are_text()
    {
        const string name = "<img src=x onerror=alert(1)>&amp;";
        var run = new MadeRun(_folder.Path, name);
        run.Train(5);
        run.Tell(new RunEvent.Notice
        {
            Wall = 1,
            Batches = 4,
            Kind = "fault",
            Text = "<script>alert(2)</script><img src=x onerror=alert(3)>"
        });
        await using var visit = await browser.VisitAsync(_server.Url);

        await visit.OpenAsync(name);

        await visit.See("notices").ToContainTextAsync("<script>alert(2)</script><img src=x onerror=alert(3)>");
        Assert.Equal(0, await visit.Page.Locator("img").CountAsync());
    }

    [BrowserFact]
    public async Task Ten_runs_of_ten_thousand_points_are_there_within_a_second()
    {
        Parallel.For(0, 10, n => new MadeRun(_folder.Path, $"run-{n}").Train(10_000, n));
        // as twotower dashboard does
        await using var server = await DashboardServer.StartAsync(new DashboardOptions(_folder.Path)
        {
            ReadsAhead = true,
            Limits = new DashboardLimits { RequestsPerSecond = 1_000 }
        });
        await using var visit = await browser.VisitAsync(server.Url);
        await visit.See(visit.Page.Locator("#runs tbody tr")).ToHaveCountAsync(10);
        foreach (var box in await visit.Page.GetByRole(AriaRole.Checkbox).AllAsync())
        {
            await box.CheckAsync();
        }

        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Compare 10" }).ClickAsync();
        var times = new List<double>();
        for (var n = 0; n < 3; n++)
        {
            await visit.UntilAsync("() => document.body.dataset.ready !== undefined");
            times.Add(await visit.Page.EvaluateAsync<double>("Number(document.body.dataset.ready)"));
            Assert.Equal(10, await visit.Page.Locator("#charts section:first-child .legend button").CountAsync());
            await visit.Page.ReloadAsync();
        }

        await visit.UntilAsync("() => document.body.dataset.ready !== undefined");
        Assert.True(times.Min() < 1_000, $"Milliseconds until all was drawn: {string.Join(", ", times)}.");
    }
}
