namespace TwoTower.Node.Shell;

/// <summary>What the program says to the shell when it ends.</summary>
internal static class ExitCode
{
    /// <summary>All went well.</summary>
    public const int Success = 0;

    /// <summary>It could not be done.</summary>
    public const int Failure = 1;

    /// <summary>The command line or the input cannot be used.</summary>
    public const int BadInput = 2;

    /// <summary>A node of a cluster has ended before its run was over, and is of use again when it is started
    /// again (EX_TEMPFAIL of sysexits.h).</summary>
    public const int StartAgain = 75;

    /// <summary>Stopped by a signal, with the state saved.</summary>
    public const int Interrupted = 130;
}
