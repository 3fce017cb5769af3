using System.Collections.Concurrent;
using System.Diagnostics;

namespace TwoTower.Tests.Cluster;

/// <summary>A node as a process of its own: the real binary.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Task _read;

    private NodeProcess(Process process)
    {
        _process = process;
        _read = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    /// <summary>Everything it has said.</summary>
    public string Output => string.Join('\n', _lines);

    /// <summary>"host:port" of the node.</summary>
    public string Address { get; private set; } = string.Empty;

    /// <summary>Address of the health server.</summary>
    public string Health { get; private set; } = string.Empty;

    /// <summary>Starts a node on loopback and waits until it listens.</summary>
    /// <param name="folder">Its working directory.</param>
    /// <param name="role">Its roles.</param>
    /// <param name="seed">Whom it joins, or null for the first.</param>
    /// <param name="arguments">The run's flags.</param>
    public static Task<NodeProcess> StartAsync(string folder, string role, string? seed, params string[] arguments) =>
        StartInAsync([], folder, role, seed, arguments);

    /// <summary>Starts a node by another command, such as one that puts it into a network of its own.</summary>
    public static async Task<NodeProcess> StartInAsync(string[] before, string folder, string role, string? seed, params string[] arguments)
    {
        string[] join = seed is null ? [] : ["--seed-node", seed, "--join-within", "120"]; // a busy machine answers late
        string[] port = arguments.Contains("--port") ? [] : ["--port", "0"];
        string[] command = [.. before, "dotnet", TestedProgram.Path, "node", "--role", role, .. port, "--health-port", "0", .. join,
            .. ProcessCluster.WithData(arguments)];
        var node = new NodeProcess(Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        })!);
        await node.UntilAsync(() => node._lines.Any(line => line.StartsWith("Health ", StringComparison.Ordinal)), $"{role} to listen");
        node.Address = node._lines.First(line => line.StartsWith("Node ", StringComparison.Ordinal)).Split(' ')[1];
        node.Health = node._lines.First(line => line.StartsWith("Health ", StringComparison.Ordinal)).Split(' ')[1];
        return node;
    }

    /// <summary>Waits until it has said something.</summary>
    public Task SaysAsync(string text) => UntilAsync(() => _lines.Any(line => line.Contains(text, StringComparison.Ordinal)), $"'{text}'");

    /// <summary>kill -9.</summary>
    public void Kill() => _process.Kill();

    /// <summary>SIGTERM.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(s_limit);
        await _read;
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader from)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            _lines.Enqueue(line);
        }
    }

    private async Task UntilAsync(Func<bool> condition, string what)
    {
        var start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(start) > s_limit)
            {
                throw new TimeoutException(
                    $"{(_process.HasExited ? $"The process ended with {_process.ExitCode}" : $"{s_limit.TotalSeconds} s were over")} before {what}. It said:\n{Output}");
            }

            await Task.Delay(20);
        }
    }
}
