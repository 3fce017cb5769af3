using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace TwoTower.Tests.Dashboard.Browser;

/// <summary>A page that is looked at, and all that goes wrong with it: errors, and requests to anybody but the server.</summary>
internal sealed class Visit : IAsyncDisposable
{
    private static readonly string? s_pictures = Environment.GetEnvironmentVariable("TWOTOWER_SCREENSHOTS");
    private readonly IBrowserContext _context;
    private readonly Uri _server;
    private readonly ConcurrentQueue<string> _wrong = new();

    public Visit(IBrowserContext context, IPage page, Uri server)
    {
        (_context, Page, _server) = (context, page, server);
        page.SetDefaultTimeout(20_000);
        page.Console += (_, message) => Note(message.Type is "error" or "warning", message.Text);
        page.PageError += (_, error) => Note(true, error);
        page.Dialog += (_, dialog) => Note(true, $"dialog: {dialog.Message}");
        page.Request += (_, request) => Note(new Uri(request.Url) is { Scheme: "http" or "https" or "ws" or "wss" } url
            && url.Host != server.Host, $"asks {request.Url}");
    }

    /// <summary>Whether pictures for docs/ are asked for, by a folder in TWOTOWER_SCREENSHOTS: the tree stays as it is in CI.</summary>
    public static bool PicturesAreWanted => s_pictures is { Length: > 0 };

    public IPage Page { get; }

    /// <summary>Whether a server that does not answer, or has no room, is what the spec is about: the browser
    /// itself reports that as an error.</summary>
    public bool ServerMayBeGone { get; set; }

    public Task GoToAsync(string path) => Page.GotoAsync(new Uri(_server, path).ToString());

    public ILocator Named(string id) => Page.Locator($"#{id}");

    public ILocatorAssertions See(ILocator what) => Expect(what);

    public ILocatorAssertions See(string id) => Expect(Named(id));

    /// <summary>Opens a run from the table of runs.</summary>
    public async Task OpenAsync(string run)
    {
        await Page.GetByRole(AriaRole.Link, new() { Name = run, Exact = true }).ClickAsync();
        await See("name").ToHaveTextAsync(run);
    }

    /// <summary>Batches that a run's page says are done.</summary>
    public async Task<int> BatchesAsync() => await Named("done").TextContentAsync() is { } text
        && Regex.Match(text, "^[0-9,]+") is { Success: true } match
        ? int.Parse(match.Value.Replace(",", string.Empty, StringComparison.Ordinal), CultureInfo.InvariantCulture) : 0;

    /// <summary>Waits until a function holds in the page: an expression would have to be evaluated
    /// there, which the policy forbids.</summary>
    public Task UntilAsync(string function, object? argument = null) => Page.WaitForFunctionAsync(function, argument);

    /// <summary>Puts another tab before the page, as far as it can tell, or away again.</summary>
    public Task SeenAsync(bool seen) =>
        Page.EvaluateAsync(
        "seen => { Object.defineProperty(document, 'hidden', { value: !seen, configurable: true }); document.dispatchEvent(new "
        + "Event('visibilitychange')); }", seen);

    /// <summary>Nothing lies beside the page, however narrow it is.</summary>
    public async Task FitsAsync() =>
        Assert.True(await Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth"),
        $"{Page.Url} is wider than its window.");

    /// <summary>A picture of the whole page, when pictures are asked for.</summary>
    public async Task PictureAsync(string name)
    {
        if (PicturesAreWanted)
        {
            await Page.Mouse.MoveAsync(0, 0);
            await Page.ScreenshotAsync(new() { Path = Path.Combine(s_pictures!, $"{name}.png"), FullPage = true });
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _context.CloseAsync();
        Assert.Empty(_wrong);
    }

    private void Note(bool wrong, string what)
    {
        if (wrong && !(ServerMayBeGone && (what.Contains("net::ERR_", StringComparison.Ordinal) || what.Contains("status of 503",
            StringComparison.Ordinal))))
        {
            _wrong.Enqueue(what);
        }
    }
}
