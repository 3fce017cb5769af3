using TwoTower.Actors.Ids;

namespace TwoTower.Actors.Training;

// Who is here.
internal sealed partial class WorkLedger
{
    /// <summary>A worker joins, or joins again. Its clock starts at the slowest worker's, or at the highest there was when
    /// nobody else is here, so that no pull of another has missed a push that it will make.</summary>
    public void Join(WorkerId worker, double now)
    {
        if (!_workers.ContainsKey(worker.Value))
        {
            var clock = _workers.Count == 0 ? _highestClock : _frontiers.Least;
            _workers.Add(worker.Value, new WorkerEntry(clock) { LastSeen = now });
            _frontiers.Add(clock);
            _placed = false;
            Openings++;
        }
    }

    /// <summary>A worker gets no more leases; what it owes still counts until <see cref="Remove"/>.</summary>
    public void Suspend(WorkerId worker)
    {
        if (_workers.TryGetValue(worker.Value, out var entry))
        {
            entry.Suspended = true;
        }
    }

    /// <summary>Whether a worker holds a lease.</summary>
    public bool Owes(WorkerId worker) => _workers.TryGetValue(worker.Value, out var entry) && entry.Outstanding.Count > 0;

    /// <summary>A worker is gone, and nothing of it can arrive any more: its batches go back.</summary>
    public void Remove(WorkerId worker)
    {
        if (!_workers.Remove(worker.Value, out var entry))
        {
            return;
        }

        foreach (var (_, batch) in entry.Outstanding)
        {
            _outstanding.Remove(batch);
            _returned.Add(batch);
        }

        _frontiers.Remove(entry.Frontier);
        _placed = false;
        Openings++;
    }

    /// <summary>Notes that a worker was heard from at a moment, which may be an earlier one than was noted.</summary>
    public void Seen(WorkerId worker, double now)
    {
        if (_workers.TryGetValue(worker.Value, out var entry))
        {
            entry.LastSeen = Math.Max(entry.LastSeen, now);
        }
    }

    /// <summary>Workers with an expired lease, and workers without one that have been silent as long: they hold everybody up.</summary>
    public IReadOnlyList<WorkerId> Overdue(double now) =>
    [
        .. _workers.Where(pair => !pair.Value.Suspended).Where(pair => pair.Value.Outstanding.Count > 0
                ? pair.Value.Outstanding.Any(held => now >= _outstanding[held.Batch].Deadline)
                : now >= pair.Value.LastSeen + _leaseSeconds)
            .Select(pair => new WorkerId(pair.Key)),
    ];
}
