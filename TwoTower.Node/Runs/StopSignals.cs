using System.Runtime.InteropServices;

namespace TwoTower.Node.Runs;

/// <summary>Ctrl-C, SIGTERM and SIGHUP. Before training they end the program, for there is nothing to save; while it trains the first asks for a clean stop and the
/// second ends the program.</summary>
internal sealed class StopSignals : IDisposable
{
    /// <summary>Set in processes that are stopped by the one that has started them.</summary>
    public const string Supervised = "TWOTOWER_SUPERVISED";

    private const string Finishing = "Finishing the batches in flight and saving; once more quits.";
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Lock _lock = new();
    private Action<string>? _say;
    private string _answer = Finishing;

    private StopSignals() =>
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];

    /// <summary>Asks for a clean stop.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Begins to listen.</summary>
    public static StopSignals Listen() => new();

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
        if (context.Signal == PosixSignal.SIGINT && Environment.GetEnvironmentVariable(Supervised) is not null)
        {
            context.Cancel = true; // a terminal's Ctrl-C goes to everybody; whoever has started this process decides who stops when
            return;
        }

        lock (_lock)
        {
            if (_say is null)
            {
                Console.Error.WriteLine("Stopped before training began; nothing was written.");
                Environment.Exit(Program.Interrupted);
            }

            context.Cancel = !_stop.IsCancellationRequested;
            if (context.Cancel)
            {
                _say(_answer);
                _stop.Cancel();
            }
        }
    }
}
