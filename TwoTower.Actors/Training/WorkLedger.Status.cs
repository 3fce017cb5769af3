using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Actors.Training;

// What a person may see of the ledger.
internal sealed partial class WorkLedger
{
    /// <summary>The joined workers, their clocks and their leases.</summary>
    /// <param name="now">The moment, in seconds of the clock that the ledger is told.</param>
    public IReadOnlyList<WorkerStatus> Describe(double now) =>
    [
        .. _workers.Select(pair => new WorkerStatus(
            pair.Key, pair.Value.Clock, pair.Value.Frontier, [.. pair.Value.Outstanding.Select(held => held.Batch).Order()],
            Math.Max(0, now - pair.Value.LastSeen), pair.Value.Suspended)),
    ];
}
