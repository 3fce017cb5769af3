using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Training;

/// <summary>Who works on which batch, and who may run ahead of whom. Pure: no actor, no clock of its own.</summary>
/// <remarks>
/// A lease is given for a clock, and a pull follows only a lease, so the consistency bound is kept here: under <c>ssp:S</c> a worker gets a
/// lease for its clock c only when no joined worker (itself included) still owes a push with a clock under c − S. "Owes" ends when every
/// shard has applied the push, so a pull that follows sees it. Under BSP the batches of a round are given to the workers in turn, and the
/// next round opens when this one is complete; which worker computes a batch does not matter to the result.
/// With backup workers every worker has a batch, the first gradients offered make the round, and the other batches go back
/// (<see cref="BackupRound"/>). A batch whose lease expires goes back to the front. Shards apply every batch once, so a late push of the
/// old holder is harmless.
/// </remarks>
internal sealed partial class WorkLedger
{
    private readonly EpochPlan _plan;
    private readonly Consistency _consistency;
    private readonly double _leaseSeconds;
    private readonly SortedDictionary<int, WorkerEntry> _workers = [];
    private readonly SortedSet<long> _returned = [];
    private readonly SortedDictionary<long, LeaseEntry> _outstanding = [];
    private readonly BatchSet _completed;
    private long _next;
    private long _highestClock;

    /// <summary>A ledger whose batches under <paramref name="firstBatch"/> are done.</summary>
    public WorkLedger(EpochPlan plan, Consistency consistency, double leaseSeconds, long firstBatch = 0)
        : this(plan, consistency, leaseSeconds, new BatchSet(firstBatch), [])
    {
    }

    /// <summary>A ledger of a run that has been going on, with nothing leased and nobody here.</summary>
    /// <param name="plan">How the run is cut into batches.</param>
    /// <param name="consistency">Who may run ahead of whom.</param>
    /// <param name="leaseSeconds">Seconds that a lease lasts.</param>
    /// <param name="completed">Batches that every shard has applied.</param>
    /// <param name="accepted">With backup workers: the leases that were accepted into the open round, in order.</param>
    public WorkLedger(EpochPlan plan, Consistency consistency, double leaseSeconds, BatchSet completed, IReadOnlyList<Lease> accepted)
    {
        _plan = plan;
        _consistency = consistency;
        _leaseSeconds = leaseSeconds;
        _backup = plan.BackupWorkers > 0 ? new BackupRound(plan, accepted) : null;
        _completed = new BatchSet(completed.Frontier, completed.Above);
        _next = completed.Above.Concat(accepted.Select(lease => lease.Batch.Number)).Select(batch => batch + 1)
            .Append(completed.Frontier).Max();
        for (var batch = completed.Frontier; batch < _next; batch++)
        {
            if (!completed.Contains(batch))
            {
                _returned.Add(batch); // it has to be leased again
            }
        }

        foreach (var lease in accepted.Where(lease => completed.Contains(lease.Batch.Number)))
        {
            _backup?.Complete(lease.Batch.Number);
        }

        Limit = completed.Frontier;
    }

    /// <summary>No batch from this one on is leased: where training pauses next.</summary>
    public long Limit { get; private set; }

    /// <summary>Batches complete from the first on without a gap.</summary>
    public long Completed => _completed.Frontier;

    /// <summary>Whether every batch under the limit is complete.</summary>
    public bool Drained => _completed.Frontier >= Limit && _outstanding.Count == 0;

    /// <summary>Joined workers.</summary>
    public IEnumerable<WorkerId> Workers => _workers.Keys.Select(worker => new WorkerId(worker));

    /// <summary>How many have joined.</summary>
    public int Here => _workers.Count;

    /// <summary>Leases not completed yet.</summary>
    public int Outstanding => _outstanding.Count;

    /// <summary>Somebody has pulled at a clock: who joins when nobody is here starts no earlier.</summary>
    public void Reach(long clock) => _highestClock = Math.Max(_highestClock, clock);

    /// <summary>Lets batches under <paramref name="limit"/> be leased.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A batch from the limit on has been leased
    /// already, or the limit cuts a round.</exception>
    public void OpenUntil(long limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, _next);
        ArgumentOutOfRangeException.ThrowIfNotEqual(limit, _plan.RoundEnd(limit));
        Limit = limit;
    }

    /// <summary>Closes the ledger as early as possible: what is leased is finished, under BSP its round too.</summary>
    public void CloseSoon() => Limit = Math.Min(Limit, _plan.RoundEnd(_next));

    /// <summary>A worker joins, or joins again. Its clock starts at the slowest worker's, or at the highest there was when
    /// nobody else is here, so that no pull of another has missed a push that it will make.</summary>
    public void Join(WorkerId worker, double now)
    {
        if (!_workers.ContainsKey(worker.Value))
        {
            var clock = _workers.Count == 0 ? _highestClock : _workers.Values.Min(other => other.Frontier);
            _workers.Add(worker.Value, new WorkerEntry(clock) { LastSeen = now });
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
        foreach (var batch in _outstanding.Where(pair => pair.Value.Worker == worker).Select(pair => pair.Key).ToArray())
        {
            _outstanding.Remove(batch);
            _returned.Add(batch);
        }

        _workers.Remove(worker.Value);
    }

    /// <summary>Notes that a worker was heard from.</summary>
    public void Seen(WorkerId worker, double now)
    {
        if (_workers.TryGetValue(worker.Value, out var entry))
        {
            entry.LastSeen = now;
        }
    }

    /// <summary>Workers with an expired lease, and workers without one that have been silent as long: they hold everybody up.</summary>
    public IReadOnlyList<WorkerId> Overdue(double now) =>
    [
        .. _workers.Where(pair => !pair.Value.Suspended).Where(pair => pair.Value.Outstanding.Count > 0
                ? _outstanding.Values.Any(lease => lease.Worker.Value == pair.Key && now >= lease.Deadline)
                : now >= pair.Value.LastSeen + _leaseSeconds)
            .Select(pair => new WorkerId(pair.Key)),
    ];

    /// <summary>A lease for a joined worker, or null when it has to wait.</summary>
    public Lease? TryLease(WorkerId worker, double now)
    {
        if (!_workers.TryGetValue(worker.Value, out var entry) || entry.Suspended)
        {
            return null;
        }

        entry.LastSeen = now;
        var batch = _backup is not null ? NextWithBackups(entry) : _plan.Synchronous ? NextInRound(worker) : NextUnder(entry);
        if (batch is not { } number)
        {
            return null;
        }

        if (!_returned.Remove(number))
        {
            _next = number + 1;
        }

        var lease = _backup?.LeaseOf(number) ?? _plan.LeaseOf(number, entry.Clock);
        _highestClock = Math.Max(_highestClock, lease.Clock);
        entry.Outstanding.Add((lease.Clock, number));
        entry.Clock = Math.Max(entry.Clock, lease.Clock) + 1;
        _outstanding.Add(number, new LeaseEntry(worker, lease, now + _leaseSeconds));
        return lease;
    }

    /// <summary>Every shard has applied a batch. False when that was known.</summary>
    public bool Complete(BatchId batch)
    {
        if (_outstanding.Remove(batch.Number, out var entry) && _workers.TryGetValue(entry.Worker.Value, out var worker))
        {
            worker.Outstanding.Remove((entry.Lease.Clock, batch.Number));
        }

        // A worker that a trainer before this one gave the batch to may say so before it is leased here.
        // The ones between were that trainer's too.
        for (; _next <= batch.Number; _next++)
        {
            _returned.Add(_next);
        }

        _returned.Remove(batch.Number);
        var first = _completed.Add(batch.Number);
        if (first)
        {
            _backup?.Complete(batch.Number);
        }

        return first;
    }

    private long? NextUnder(WorkerEntry entry)
    {
        long? batch = _returned.Count > 0 ? _returned.Min : _next < Limit ? _next : null;
        if (batch is null || _consistency.BoundAt(entry.Clock) is not { } bound)
        {
            return batch;
        }

        return _workers.Values.All(other => other.Frontier >= entry.Clock - bound) ? batch : null;
    }

    /// <summary>Under BSP a worker takes the ranks of the round that are its own: its place among the joined workers, and so on in turn
    /// when there are fewer workers than ranks.</summary>
    private long? NextInRound(WorkerId worker)
    {
        // The round in progress is the one of the first batch that is not complete.
        var start = _completed.Frontier;
        if (start >= Limit)
        {
            return null;
        }

        var lease = _plan.LeaseOf(start, 0);
        var first = start - lease.Rank;
        var place = _workers.Keys.TakeWhile(id => id != worker.Value).Count();
        for (var rank = 0; rank < lease.RoundSize; rank++)
        {
            var batch = first + rank;
            if (rank % _workers.Count == place && (_returned.Contains(batch) || batch >= _next))
            {
                // A batch may be taken before a lower one of the same round; the ones between stand as returned.
                for (; _next < batch; _next++)
                {
                    _returned.Add(_next);
                }

                return batch;
            }
        }

        return null;
    }

    private sealed class WorkerEntry(long clock)
    {
        /// <summary>Clock of the next lease.</summary>
        public long Clock { get; set; } = clock;

        /// <summary>Leases not completed, oldest clock first.</summary>
        public SortedSet<(long Clock, long Batch)> Outstanding { get; } = [];

        /// <summary>Everything under this clock is applied.</summary>
        public long Frontier => Outstanding.Count > 0 ? Outstanding.Min.Clock : Clock;

        public double LastSeen { get; set; }

        public bool Suspended { get; set; }
    }

    private sealed record LeaseEntry(WorkerId Worker, Lease Lease, double Deadline);
}
