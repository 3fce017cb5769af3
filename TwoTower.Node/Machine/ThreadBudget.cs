using System.Globalization;
using TwoTower.Node.Display;

namespace TwoTower.Node.Machine;

/// <summary>Whether workers and their native threads fit the processor. A worker computes on one thread, whatever libraries are told; more
/// threads than cores take turns, and under bsp all wait for the last.</summary>
internal static class ThreadBudget
{
    /// <summary>Variables by which native libraries are told how many threads to start.</summary>
    public static IReadOnlyList<string> Variables { get; } = ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS"];

    /// <summary>Looks.</summary>
    /// <param name="workers">Workers that compute on this machine at once.</param>
    /// <param name="cores">Processors that this process may use.</param>
    /// <param name="variable">Environment variables by name.</param>
    public static IEnumerable<MachineCheck> Of(int workers, int cores, Func<string, string?> variable)
    {
        yield return new MachineCheck(
            "threads", workers <= cores, Invariant($"{Counted.Of(workers, "worker")} of 1 thread on {Counted.Of(cores, "processor")}"),
            workers > cores
                ? Invariant(
                $"{workers - cores} of {workers} always wait for a turn: take --workers {cores} (train.workers), and ")
                + Invariant($"--worker-actors {cores} on a node.") : string.Empty);
        foreach (var name in Variables)
        {
            if (variable(name)?.Trim() is not { Length: > 0 } text)
            {
                continue;
            }

            // OMP_NUM_THREADS may hold a number for each level of nesting; the first counts here.
            var known = int.TryParse(text.Split(',')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var threads) && threads > 0;
            yield return new MachineCheck(
                name, known && (long)threads * workers <= cores, known
                    ? Invariant(
                    $"{text}: up to {(long)threads * workers} threads ")
                    + Invariant($"for {Counted.Of(workers, "worker")} on {Counted.Of(cores, "processor")}")
                    : $"'{text}', which is no number of threads",
                $"Unset {name}, or set it to 1: every worker is one thread, and what native libraries start beside it has no processor to run on.");
        }
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
