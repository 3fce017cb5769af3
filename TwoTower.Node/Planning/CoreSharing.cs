namespace TwoTower.Node.Planning;

/// <summary>What becomes of speed when more threads want to run than a machine has cores.</summary>
internal static class CoreSharing
{
    /// <summary>How many times longer a worker's work takes: all that workers, shards and evaluations would do in a second, over the cores
    /// that there are, and never less than 1.</summary>
    /// <remarks>With workers that wait for nothing it makes the throughput exactly what the cores can do; with nobody else
    /// at work it is workers / cores.</remarks>
    /// <param name="workers">Workers on the machine.</param>
    /// <param name="cores">Its cores.</param>
    /// <param name="workerSeconds">Core seconds per example of a worker.</param>
    /// <param name="otherSeconds">Core seconds per example of shards and evaluations.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no worker, no core, or a time is impossible.</exception>
    public static double Slowdown(int workers, int cores, double workerSeconds, double otherSeconds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(cores, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(workerSeconds);
        ArgumentOutOfRangeException.ThrowIfNegative(otherSeconds);
        return Math.Max(1, workers * (workerSeconds + otherSeconds) / (cores * workerSeconds));
    }
}
