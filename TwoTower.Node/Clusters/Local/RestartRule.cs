using TwoTower.Node.Shell;

namespace TwoTower.Node.Clusters.Local;

/// <summary>Which nodes are started again after they ended, and when.</summary>
/// <param name="Enabled">Whether any is.</param>
internal sealed record RestartRule(bool Enabled)
{
    /// <summary>Lives shorter than this are failures to start; after <see cref="MostShortLives"/> of
    /// them in a row a node is given up.</summary>
    public static TimeSpan ShortLife { get; } = TimeSpan.FromSeconds(10);

    /// <summary>Failures to start in a row that are borne.</summary>
    public const int MostShortLives = 5;

    /// <summary>The wait before a node is started again, or null when it is not.</summary>
    /// <param name="isTrainer">Whether it is the trainer, whose own word on how the run ended is final; that it was cut off from
    /// the others is no end of the run.</param>
    /// <param name="exitCode">How it ended.</param>
    /// <param name="shortLives">Short lives in a row, this one counted.</param>
    public TimeSpan? After(bool isTrainer, int exitCode, int shortLives)
    {
        // A process that was killed or crashed has 128 + the signal on Unix and a negative code on Windows.
        var crashed = exitCode is < 0 or > 128 && exitCode != ExitCode.Interrupted;
        var unexpected = crashed || (exitCode == ExitCode.StartAgain)
            || (!isTrainer && exitCode is not (ExitCode.Success or ExitCode.BadInput or ExitCode.Interrupted));
        if (!Enabled || !unexpected || shortLives > MostShortLives)
        {
            return null;
        }

        // One that gave up by itself may have done so because the run has failed, and then the trainer ends in a moment.
        return TimeSpan.FromMilliseconds((crashed ? 100 : 2000) << shortLives);
    }
}
