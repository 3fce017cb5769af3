using System.Threading.Channels;
using TwoTower.Model;

namespace TwoTower.Node.Telemetry;

/// <summary>Between those who train and those who take events: nobody who trains ever waits for a disk or a network.</summary>
internal sealed class RunEventQueue : IAsyncDisposable
{
    /// <summary>Events that may wait before those that can be done without are dropped.</summary>
    private const int MostWaiting = 64;

    private readonly Channel<RunEvent> _lines = Channel.CreateUnbounded<RunEvent>(new UnboundedChannelOptions { SingleReader = true });
    private readonly List<IRunEventSink> _sinks;
    private readonly Action<string> _warn;
    private readonly Task _writing;
    private int _waiting;

    /// <summary>Passes events on.</summary>
    /// <param name="sinks">To whom; they are disposed at the end.</param>
    /// <param name="warn">Is told when one of them can go on no longer.</param>
    public RunEventQueue(IEnumerable<IRunEventSink> sinks, Action<string> warn)
    {
        (_sinks, _warn) = ([.. sinks], warn);
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Takes an event; never waits.</summary>
    /// <param name="line">The event.</param>
    /// <param name="mayBeDropped">Whether it may be left out when others do not keep up.</param>
    public void Write(RunEvent line, bool mayBeDropped)
    {
        if (mayBeDropped && Volatile.Read(ref _waiting) >= MostWaiting)
        {
            return;
        }

        Interlocked.Increment(ref _waiting);
        _lines.Writer.TryWrite(line); // false only after the end
    }

    /// <summary>Passes on what waits, and ends the sinks.</summary>
    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
        _sinks.ForEach(sink => sink.Dispose());
        _sinks.Clear();
    }

    private static void Close(IRunEventSink failed)
    {
        try
        {
            failed.Dispose();
        }
        catch (Exception again) when (again is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // It has failed already, and that is being said.
        }
    }

    private async Task WriteAsync()
    {
        await foreach (var line in _lines.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            Interlocked.Decrement(ref _waiting);
            foreach (var sink in _sinks.ToArray())
            {
                try
                {
                    sink.Write(line);
                }
                catch (Exception failure)
                {
                    _sinks.Remove(sink);
                    Close(sink);
                    _warn($"{sink} cannot be written any more ({PlainReason.Of(failure)}); training goes on without it.");
                }
            }
        }
    }
}
