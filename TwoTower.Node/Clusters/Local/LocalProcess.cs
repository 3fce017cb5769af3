using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Clusters.Local;

/// <summary>One life of a node as a process of this machine. Its standard input stays open as long as this process lives, and says nothing:
/// its end is how the node learns of this one's.</summary>
internal sealed class LocalProcess : IDisposable
{
    private const string Announcement = "Node ";
    private const int TerminateSignal = 15; // SIGTERM has this number on every Unix
    private readonly Process _process;
    private readonly TaskCompletionSource<HostAndPort> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LocalProcess(Process process, string name, PrefixedLog log)
    {
        _process = process;
        log.Write(name, string.Create(CultureInfo.InvariantCulture, $"pid {process.Id}"));
        var output = log.CopyAsync(name, process.StandardOutput, complaint: false, See);
        var error = log.CopyAsync(name, process.StandardError, complaint: true, static _ => { });
        Ended = EndAsync(output, error);
    }

    /// <summary>Where it listens, once it has said so; cancelled when it ends before.</summary>
    public Task<HostAndPort> Address => _address.Task;

    /// <summary>Its exit code, once it has ended and all that it printed has been written.</summary>
    public Task<int> Ended { get; }

    /// <summary>Starts it.</summary>
    public static LocalProcess Start(ProcessStartInfo program, string name, PrefixedLog log) => new(Process.Start(program)!, name, log);

    /// <summary>The address in a node's announcement, or null when the line is none.</summary>
    public static HostAndPort? AddressIn(string line)
    {
        if (!line.StartsWith(Announcement, StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            return HostAndPort.Parse(line[Announcement.Length..].Split(' ')[0]);
        }
        catch (SettingException)
        {
            return null;
        }
    }

    /// <summary>Asks it to end in its own way. Windows has no such request for another process, so there it is ended at once.</summary>
    public void Terminate()
    {
        if (OperatingSystem.IsWindows())
        {
            Kill();
        }
        else if (!_process.HasExited)
        {
            _ = Signal(_process.Id, TerminateSignal);
        }
    }

    /// <summary>Ends it at once.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has just ended by itself.
        }
    }

    /// <inheritdoc />
    public void Dispose() => _process.Dispose();

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int process, int signal);

    private void See(string line)
    {
        if (!_address.Task.IsCompleted && AddressIn(line) is { } address)
        {
            _address.TrySetResult(address);
        }
    }

    private async Task<int> EndAsync(params Task[] copies)
    {
        await Task.WhenAll(copies).ConfigureAwait(false);
        await _process.WaitForExitAsync().ConfigureAwait(false);
        _address.TrySetCanceled();
        return _process.ExitCode;
    }
}
