namespace TwoTower.Actors.Protocol;

/// <summary>What a <c>RunState</c> has added up.</summary>
/// <param name="LossByEpoch">Mean loss of finished epochs.</param>
/// <param name="Open">Epochs in progress: which, how many of its batches are in, and the loss sums of all by
/// their place (0 where none is in).</param>
/// <param name="Examples">Examples applied.</param>
/// <param name="MaskedPairs">Masked (example, negative) pairs.</param>
/// <param name="Pairs">All (example, negative) pairs.</param>
/// <param name="StaleRows">Rows pushed.</param>
/// <param name="StalenessSum">Σ τ over them.</param>
/// <param name="LatestLoss">Mean loss per example of the last batch reported.</param>
/// <param name="Times">Worker ticks.</param>
internal sealed record RunTotals(
    double[] LossByEpoch, IReadOnlyList<(int Epoch, long Count, double[] Losses)> Open, long Examples, long MaskedPairs, long Pairs,
    long StaleRows, long StalenessSum, double LatestLoss, WorkerTimes Times)
{
    /// <summary>Bytes that they take on a disk, roughly.</summary>
    public long Bytes => 128 + (sizeof(double) * (LossByEpoch.LongLength + Open.Sum(epoch => epoch.Losses.LongLength)));
}
