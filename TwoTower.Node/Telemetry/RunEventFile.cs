using System.Threading.Channels;
using TwoTower.Model.Storage;

namespace TwoTower.Node.Telemetry;

/// <summary>Appends lines to <c>events.jsonl</c> on a thread of its own, so that a slow disk holds up nobody who trains.</summary>
public sealed class RunEventFile : IAsyncDisposable
{
    /// <summary>The file's name in a run's folder.</summary>
    public const string Name = "events.jsonl";

    /// <summary>Lines that may wait before those that can be done without are dropped.</summary>
    private const int MostWaiting = 64;

    private readonly Channel<RunEvent> _lines = Channel.CreateUnbounded<RunEvent>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Action<string> _warn;
    private readonly Stream _file;
    private readonly Task _writing;
    private int _waiting;

    /// <summary>Appends to a stream, which it takes over.</summary>
    /// <param name="file">Where to.</param>
    /// <param name="warn">Is told, once, that nothing more can be written.</param>
    public RunEventFile(Stream file, Action<string> warn)
    {
        (_file, _warn) = (file, warn);
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Opens the file at the end of its last whole line.</summary>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public static RunEventFile Append(string path, Action<string> warn)
    {
        try
        {
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            file.SetLength(EndOfLastLine(file));
            file.Seek(0, SeekOrigin.End);
            return new RunEventFile(file, warn);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"'{path}' cannot be written: {PlainReason.Of(failure)}.", failure);
        }
    }

    /// <summary>Takes a line; never waits.</summary>
    /// <param name="line">The line.</param>
    /// <param name="mayBeDropped">Whether it may be left out when the disk does not keep up.</param>
    public void Write(RunEvent line, bool mayBeDropped)
    {
        if (mayBeDropped && Volatile.Read(ref _waiting) >= MostWaiting)
        {
            return;
        }

        Interlocked.Increment(ref _waiting);
        _lines.Writer.TryWrite(line); // false only after the end
    }

    /// <summary>Writes what waits, and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
        await _file.DisposeAsync().ConfigureAwait(false);
    }

    private static long EndOfLastLine(FileStream file)
    {
        for (var at = file.Length; at > 0; at--)
        {
            file.Seek(at - 1, SeekOrigin.Begin);
            if (file.ReadByte() == '\n')
            {
                return at;
            }
        }

        return 0;
    }

    private async Task WriteAsync()
    {
        var failed = false;
        await foreach (var line in _lines.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            Interlocked.Decrement(ref _waiting);
            if (failed)
            {
                continue;
            }

            try
            {
                _file.Write([.. line.ToJson(), (byte)'\n']);
                _file.Flush();
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                failed = true;
                _warn($"{Name} cannot be written any more ({PlainReason.Of(failure)}); training goes on without it.");
            }
        }
    }
}
