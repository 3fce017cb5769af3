using System.Runtime.InteropServices;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Runs;

/// <summary>Ctrl-C, SIGTERM and SIGHUP. Before training they end the program, for there is nothing to save; while it trains the first asks
/// for a clean stop and the second ends the program. In a supervised process the end of the one that has
/// started it counts as the first.</summary>
internal sealed class StopSignals : IDisposable
{
    /// <summary>Set in processes that are stopped by the one that has started them, and whose standard input is open
    /// for as long as that one lives.</summary>
    public const string Supervised = "TWOTOWER_SUPERVISED";

    private const string Finishing = "Finishing the batches in flight and saving; once more quits.";
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(30);
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Lock _lock = new();
    private Action<string>? _say;
    private string _answer = Finishing;

    private StopSignals(TimeSpan alone)
    {
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal =>
            PosixSignalRegistration.Create(signal, OnSignal))];
        if (IsSupervised)
        {
            // Not a task: nothing of a process that ends waits for it.
            new Thread(() => OutliveNobody(alone)) { IsBackground = true, Name = "supervisor" }.Start();
        }
    }

    /// <summary>Asks for a clean stop.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Begins to listen.</summary>
    /// <param name="alone">How long a supervised process that is left alone waits before it stops: others may have to stop first.</param>
    public static StopSignals Listen(TimeSpan alone = default) => new(alone);

    /// <summary>Training begins: from here on a signal is a request.</summary>
    /// <param name="say">Tells the person that it was heard.</param>
    /// <param name="answer">What the person is told.</param>
    public void TrainingBegins(Action<string> say, string answer = Finishing)
    {
        lock (_lock)
        {
            _answer = answer;
            _say = say;
        }
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _stop.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (context.Signal == PosixSignal.SIGINT && IsSupervised)
        {
            context.Cancel = true; // a terminal's Ctrl-C goes to everybody; whoever has started this process decides who stops when
            return;
        }

        lock (_lock)
        {
            if (_say is null)
            {
                Console.Error.WriteLine("Stopped before training began; nothing was written.");
                Environment.Exit(ExitCode.Interrupted);
            }

            context.Cancel = !_stop.IsCancellationRequested;
            if (context.Cancel)
            {
                _say(_answer);
                _stop.Cancel();
            }
        }
    }

    private static bool IsSupervised => Environment.GetEnvironmentVariable(Supervised) is not null;

    /// <summary>Whoever has started this process may die without a word; then its end of the pipe is closed by the system.</summary>
    private void OutliveNobody(TimeSpan wait)
    {
        using (var supervisor = Console.OpenStandardInput())
        {
            while (supervisor.ReadByte() >= 0)
            {
                // It has nothing to say.
            }
        }

#pragma warning disable RS0030 // a thread of its own, which has nothing else to do
        Thread.Sleep(wait);
        lock (_lock)
        {
            if (_say is not null && !_stop.IsCancellationRequested)
            {
                _stop.Cancel();
            }
        }

        Thread.Sleep(_say is null ? TimeSpan.Zero : s_grace);
#pragma warning restore RS0030
        Environment.Exit(ExitCode.Interrupted);
    }
}
