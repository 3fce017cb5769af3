namespace TwoTower.Tests.Dashboard.Browser;

/// <summary>A test in a real browser: Chromium of the system on Linux, Edge on Windows, Chrome on a Mac. Where there is none, CI fails; a
/// newcomer's machine may do without.</summary>
public sealed class BrowserFactAttribute : FactAttribute
{
    private static readonly string[] s_places =
        OperatingSystem.IsWindows()
            ? [@"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe", @"C:\Program Files\Microsoft\Edge\Application\msedge.exe"]
        : OperatingSystem.IsMacOS()
        ? ["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium"]
        : ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    /// <param name="signals">Whether the test sends a signal to another process.</param>
    public BrowserFactAttribute(bool signals = false)
    {
        if (signals && OperatingSystem.IsWindows())
        {
            Skip = "Needs signals.";
            return;
        }

        if (Program is null && Environment.GetEnvironmentVariable("CI") is null)
        {
            Skip = $"Needs a browser: {string.Join(" or ", s_places)}.";
        }
    }

    /// <summary>The browser, or null.</summary>
    public static string? Program { get; } = s_places.FirstOrDefault(File.Exists);
}
