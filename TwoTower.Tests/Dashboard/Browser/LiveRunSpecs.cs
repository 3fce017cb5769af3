using System.Text.RegularExpressions;
using Microsoft.Playwright;
using TwoTower.Node.Dashboard;
using TwoTower.Tests.Data;
using TwoTower.Tests.Node;

namespace TwoTower.Tests.Dashboard.Browser;

/// <summary>A run that really trains, looked at while it does and afterwards.</summary>
[Collection(BrowserFixture.Name)]
public sealed class LiveRunSpecs(BrowserFixture browser) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Library => Path.Combine(_folder.Path, "runs");

    public void Dispose() => _folder.Dispose();

    [BrowserFact(signals: true)]
    public async Task A_run_is_started_its_charts_move_and_what_it_has_learned_is_asked()
    {
        // So many epochs that it is at work when it is looked at, on whatever machine.
        await using var run = await LiveRun.StartAsync(_folder.Path, "--out", Path.Combine(Library, "live"), "--workers", "2", "--epochs",
            "1000", "--set", "evaluate.patience=0");
        await WatchAsync(run);

        await using var server = await DashboardServer.StartAsync(new DashboardOptions(Library));
        await using var visit = await browser.VisitAsync(server.Url);
        await visit.OpenAsync("live");
        await visit.See("status").ToHaveTextAsync("interrupted");
        await visit.See(visit.Page.Locator("#result tbody tr")).ToHaveCountAsync(6);
        await visit.See("bound").ToContainTextAsync("0 pulls beyond the bound");
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "What it learned" }).ClickAsync();
        await AskAsync(visit);
        await visit.PictureAsync("learned");
        if (Visit.PicturesAreWanted)
        {
            await PictureRunsAsync(server);
        }
    }

    /// <summary>Pictures of the table and of a comparison want runs that differ.</summary>
    private async Task PictureRunsAsync(DashboardServer server)
    {
        foreach (var arguments in new[] { ["train", "--workers", "4", "--consistency", "ssp:2", "--out", Path.Combine(Library, "bounded")],
            new[] { "simulate", "--workers", "6", "--consistency", "asp", "--compute", "lognormal:1:0.5", "--out",
            Path.Combine(Library, "simulated") }, ["train", "--workers", "4", "--consistency", "bsp", "--out",
            Path.Combine(Library, "synchronous")] })
        {
            Assert.Equal(0, (await ProgramRun.RunAsync([.. arguments, "--epochs", "3"])).Code);
        }

        var killed = new MadeRun(Library, "killed after 1,200 of 20,000 batches, with a rather long name");
        killed.Train(600);
        await using var visit = await browser.VisitAsync(server.Url);
        var boxes = visit.Page.Locator("#runs input");
        await visit.See(boxes).ToHaveCountAsync(5);
        await visit.PictureAsync("runs");
        foreach (var run in new[] { "bounded", "simulated", "synchronous" })
        {
            await visit.Page.GetByRole(AriaRole.Checkbox, new() { Name = $"Compare {run}" }).CheckAsync();
        }

        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Compare 3" }).ClickAsync();
        await visit.See(visit.Page.Locator("#metrics tbody small")).Not.ToHaveCountAsync(0, new() { Timeout = 20_000 });
        await visit.UntilAsync("() => !document.getElementById('metrics').textContent.includes('…')");
        await visit.PictureAsync("compare");
        await visit.GoToAsync("/");
        await visit.OpenAsync("bounded");
        await visit.See(visit.Page.Locator("#result tbody tr")).ToHaveCountAsync(6);
        await visit.PictureAsync("run");
    }

    private async Task WatchAsync(LiveRun run)
    {
        await using var visit = await browser.VisitAsync(run.Url);
        await visit.OpenAsync("live");
        await visit.See("status").ToHaveTextAsync("running");
        var canvas = visit.Page.Locator("#charts canvas").First;
        await canvas.WaitForAsync();
        var (batches, picture) = (await visit.BatchesAsync(), await Pixels(canvas));

        await visit.UntilAsync("before => parseInt(document.getElementById('done').textContent.replace(/,/g, '')) > before", batches);

        await visit.UntilAsync("before => document.querySelector('#charts canvas').toDataURL() !== before", picture);
        await visit.See(visit.Page.GetByRole(AriaRole.Img, new() { Name = "Loss by batches" }))
            .ToHaveAttributeAsync("aria-label", new Regex(@"latest: smoothed \d"));
        // a snapshot has been scored
        await visit.UntilAsync(
            "() => [...document.querySelectorAll('#charts .legend button')].some(one => /^two towers0/.test(one.textContent))");
        visit.ServerMayBeGone = true; // it ends with the run
        await run.InterruptAsync();
        await run.Ended;
        await visit.See("connection").ToContainTextAsync("does not answer", new() { Timeout = 20_000 });
    }

    private static async Task AskAsync(Visit visit)
    {
        var rows = visit.Page.Locator("#recommended tbody tr");
        await visit.See(rows).ToHaveCountAsync(10, new() { Timeout = 20_000 });
        await visit.See(rows.First.Locator("td").Last).Not.ToHaveTextAsync("–");
        await visit.Named("k").SelectOptionAsync("20");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Recommend" }).ClickAsync();
        await visit.See(rows).ToHaveCountAsync(20);

        await visit.Named("map").WaitForAsync();
        await visit.Named("canvas").FocusAsync();
        await visit.Page.Keyboard.PressAsync("ArrowRight");
        await visit.See("at").Not.ToBeEmptyAsync();
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.See(visit.Page.Locator("#near tbody tr")).ToHaveCountAsync(15);
        var genres = visit.Page.Locator("#genres button");
        foreach (var genre in await genres.AllAsync())
        {
            await genre.ClickAsync();
        }

        await visit.Named("canvas").FocusAsync();
        await visit.Page.Keyboard.PressAsync("ArrowLeft").WaitAsync(TimeSpan.FromSeconds(20)); // there is nowhere to go
        foreach (var genre in await genres.AllAsync())
        {
            await genre.ClickAsync();
        }

        await visit.Named("item").FillAsync("Item 1");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Find" }).ClickAsync();
        await visit.See(visit.Page.Locator("#near button")).Not.ToHaveCountAsync(0); // several fit; a click chooses
        await visit.Page.Locator("#near button").First.ClickAsync();
        await visit.See(visit.Page.Locator("#near tbody tr")).ToHaveCountAsync(15);
    }

    private static Task<string> Pixels(ILocator canvas) => canvas.EvaluateAsync<string>("canvas => canvas.toDataURL()");
}
