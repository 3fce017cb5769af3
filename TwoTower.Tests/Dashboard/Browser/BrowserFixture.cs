using Microsoft.Playwright;

namespace TwoTower.Tests.Dashboard.Browser;

/// <summary>One browser for all browser specs.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    public const string Name = "browser";

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async Task InitializeAsync()
    {
        if (BrowserFactAttribute.Program is not { } program)
        {
            if (Environment.GetEnvironmentVariable("CI") is not null)
            {
                throw new InvalidOperationException("CI needs a browser: apt-get install chromium.");
            }

            return; // the specs skip
        }

        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = program,
            // Root has no sandbox; and a browser that talks to its maker would fail the specs about where requests go.
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync"],
        });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.CloseAsync();
        }

        _playwright?.Dispose();
    }

    /// <summary>Opens a page as a person would, in a browser that remembers nothing.</summary>
    internal async Task<Visit> VisitAsync(Uri server, string path = "/", int width = 1300, int height = 900, bool dark = false)
    {
        var context = await _browser!.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            TimezoneId = "UTC"
        });
        var visit = new Visit(context, await context.NewPageAsync(), server);
        await visit.GoToAsync(path);
        return visit;
    }
}

[CollectionDefinition(BrowserFixture.Name)]
public sealed class BrowserCollection : ICollectionFixture<BrowserFixture>;
