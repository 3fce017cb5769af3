using System.Diagnostics;

namespace TwoTower.Tests.Dashboard.Browser;

/// <summary><c>twotower train --dashboard</c> as a process.</summary>
internal sealed class LiveRun : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);
    private readonly Process _process;
    private readonly Task<string> _errors;

    private LiveRun(Process process, string url)
    {
        (_process, Url) = (process, new Uri(url));
        _errors = process.StandardError.ReadToEndAsync();
        Ended = EndAsync();
    }

    /// <summary>What it printed.</summary>
    public Uri Url { get; }

    /// <summary>Its end, with the state saved as it was asked to.</summary>
    public Task Ended { get; }

    /// <summary>Asks it to stop, as Ctrl-C does.</summary>
    public async Task InterruptAsync()
    {
        using var kill = Process.Start("kill", ["-INT", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    public static async Task<LiveRun> StartAsync(string folder, params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [TestedProgram.Path, "train", "--dashboard", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        })!;
        var first = await process.StandardOutput.ReadLineAsync().WaitAsync(s_limit);
        Assert.StartsWith("Dashboard http://127.0.0.1:", first, StringComparison.Ordinal);
        return new LiveRun(process, first!["Dashboard ".Length..]);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task EndAsync()
    {
        await _process.StandardOutput.ReadToEndAsync().WaitAsync(s_limit);
        await _process.WaitForExitAsync().WaitAsync(s_limit);
        Assert.True(_process.ExitCode == 130, await _errors);
    }
}
