using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Training;

// Bsp with backup workers: rounds that are made by the first gradients.
internal sealed partial class WorkLedger
{
    private readonly BackupRound? _backup;

    /// <summary>Batches that a round had to do without because their gradients were too late; each was given out again.</summary>
    public long Late { get; private set; }

    /// <summary>With backup workers: a worker has computed a batch. Its lease with the place in the round that it
    /// gets, or null when it is too late.</summary>
    public Lease? Offer(WorkerId worker, BatchId batch, long clock)
    {
        if (_backup is null || !_outstanding.TryGetValue(batch.Number, out var held) || held.Worker != worker || held.Lease.Clock != clock)
        {
            return null;
        }

        _backup.Accept(batch.Number);
        var lease = _backup.LeaseOf(batch.Number);
        _outstanding[batch.Number] = held with { Lease = lease };
        if (_backup.IsFull)
        {
            GiveLateBack();
        }

        Openings++;
        return lease;
    }

    private void GiveLateBack()
    {
        foreach (var (batch, held) in _outstanding.Where(pair => !_backup!.Has(pair.Key)).OrderBy(pair => pair.Key).ToArray())
        {
            _outstanding.Remove(batch);
            _returned.Add(batch);
            Late++;
            Release(held);
        }
    }

    /// <summary>One batch of the round for each worker; more only when there are fewer workers than batches in a round.</summary>
    private long? NextWithBackups(WorkerEntry entry)
    {
        var completed = _completed.Frontier + _completed.Gaps;
        if (completed >= Limit)
        {
            return null;
        }

        _backup!.BeginUnlessOpen(completed, Limit);
        if (_returned.Where(_backup.Has).Select(batch => (long?)batch).FirstOrDefault() is { } lost)
        {
            return lost; // it was accepted and its worker is gone: the round waits for it
        }

        if (_backup.IsFull || (entry.Outstanding.Count > 0 && (_workers.Count >= _backup.Size || Taken() >= _backup.Size)))
        {
            return null;
        }

        return _returned.Count > 0 ? _returned.Min : _next < Math.Min(Limit, _backup.End) ? _next : null;

        int Taken() => _backup.Accepted + _outstanding.Keys.Count(batch => !_backup.Has(batch));
    }
}
