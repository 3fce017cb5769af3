using System.Diagnostics;

namespace TwoTower.Tests.Node;

/// <summary>The program in a process of its own, ended when it takes too long.</summary>
internal static class TwoTowerProcess
{
    public static async Task<(int Code, string Output, string Error)> RunAsync(string folder, string[] arguments,
        params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [TestedProgram.Path, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
