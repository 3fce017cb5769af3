using TwoTower.Actors.Protocol;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;

namespace TwoTower.Actors.Training;

/// <summary>The last snapshot's ranking, of which a worker draws negatives: a batch is begun only with
/// the ranking that holds for it.</summary>
/// <param name="builder">Draws the negatives; null where rows are only counted.</param>
/// <param name="loss">Says which batches need a ranking.</param>
/// <param name="retrySeconds">How long an answer is waited for.</param>
/// <param name="probe">What the protocols show of themselves.</param>
internal sealed class WorkerRanking(BatchBuilder? builder, LossOptions loss, double retrySeconds, ProtocolProbe probe)
{
    private RankedNegatives? _ranking;
    private long _until;
    private double _askedAt = double.NegativeInfinity;

    /// <summary>Whether the ranking for a batch is here; asks for it when it is not. The lease is to be
    /// asked for again when it has come.</summary>
    public bool IsHereFor(Lease lease, WorkerLife life, double now)
    {
        if (builder is null || !loss.RanksSnapshots || !loss.IsHardIn(lease.Epoch))
        {
            return true;
        }

        if (lease.Batch.Number < _until)
        {
            builder.Ranked = _ranking;
            return true;
        }

        probe.Reached(ProtocolState.LeaseWaitedForRanking);
        if (now - _askedAt >= retrySeconds)
        {
            _askedAt = now;
            life.AskForRanking(_ranking?.Step ?? -1);
        }

        return false;
    }

    /// <summary>Takes a ranking, or that the one that is here holds on.</summary>
    /// <returns>Whether batches that it was missing for may go on; false when it is late.</returns>
    public bool Take(LeaseProtocol.RankingGiven given)
    {
        if (given.Until <= _until || (given.Items.Length == 0 && given.Step != (_ranking?.Step ?? -1)))
        {
            return false;
        }

        if (given.Items.Length > 0)
        {
            _ranking = new RankedNegatives(given.Step, given.Depth, given.Items);
        }

        _until = given.Until;
        _askedAt = double.NegativeInfinity;
        return true;
    }
}
