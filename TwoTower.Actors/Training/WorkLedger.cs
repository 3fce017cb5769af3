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
/// No lease and no report looks at all workers or all batches: the slowest clock is counted, and <see cref="Openings"/> says when it is of
/// use to ask again. With backup workers every worker has a batch, the first gradients offered make the round, and the other batches go
/// back (<see cref="BackupRound"/>). A batch whose lease expires goes back to the front. Shards apply every batch once, so a late push of
/// the old holder is harmless.
/// </remarks>
internal sealed partial class WorkLedger
{
    private readonly EpochPlan _plan;
    private readonly Consistency _consistency;
    private readonly double _leaseSeconds;
    private readonly SortedDictionary<int, WorkerEntry> _workers = [];
    private readonly SortedSet<long> _returned = [];
    private readonly Dictionary<long, LeaseEntry> _outstanding = [];
    private readonly BatchSet _completed;
    private readonly ClockCounts _frontiers = new();
    private (long First, int Size) _round; // BSP: the one that was looked at last
    private bool _placed; // whether the workers' places are right
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

    /// <summary>Rises whenever somebody who was refused a lease might get one: until it does, nobody has to ask again.</summary>
    public long Openings { get; private set; }

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
        Openings++;
    }

    /// <summary>Closes the ledger as early as possible: what is leased is finished, under BSP its round too.</summary>
    public void CloseSoon() => Limit = Math.Min(Limit, _plan.RoundEnd(_next));

    /// <summary>A lease for a joined worker, or null when it has to wait.</summary>
    public Lease? TryLease(WorkerId worker, double now)
    {
        if (!_workers.TryGetValue(worker.Value, out var entry) || entry.Suspended)
        {
            return null;
        }

        entry.LastSeen = now;
        var batch = _backup is not null ? NextWithBackups(entry) : _plan.Synchronous ? NextInRound(entry) : NextUnder(entry);
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
        var frontier = entry.Frontier;
        entry.Outstanding.Add((lease.Clock, number));
        entry.Clock = Math.Max(entry.Clock, lease.Clock) + 1;
        _frontiers.Move(frontier, entry.Frontier);
        _outstanding.Add(number, new LeaseEntry(worker, lease, now + _leaseSeconds));
        return lease;
    }

    /// <summary>Every shard has applied a batch. False when that was known.</summary>
    public bool Complete(BatchId batch)
    {
        var slowest = _frontiers.Least;
        if (_outstanding.Remove(batch.Number, out var held))
        {
            Release(held);
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

        // Whoever waits waits for a round to end, or for the slowest: or, with backup workers, for a place.
        if (_backup is not null || (_plan.Synchronous ? _completed.Frontier >= _round.First + _round.Size : _frontiers.Least > slowest))
        {
            Openings++;
        }

        return first;
    }

    /// <summary>A worker owes a batch no longer.</summary>
    private void Release(LeaseEntry held)
    {
        if (_workers.TryGetValue(held.Worker.Value, out var worker))
        {
            var frontier = worker.Frontier;
            worker.Outstanding.Remove((held.Lease.Clock, held.Lease.Batch.Number));
            _frontiers.Move(frontier, worker.Frontier);
        }
    }

    private long? NextUnder(WorkerEntry entry)
    {
        long? batch = _returned.Count > 0 ? _returned.Min : _next < Limit ? _next : null;
        if (batch is null || _consistency.BoundAt(entry.Clock) is not { } bound)
        {
            return batch;
        }

        return _frontiers.Least >= entry.Clock - bound ? batch : null;
    }

    /// <summary>Under BSP a worker takes the ranks of the round that are its own: its place among the joined workers, and so on in turn
    /// when there are fewer workers than ranks.</summary>
    private long? NextInRound(WorkerEntry entry)
    {
        // The round in progress is the one of the first batch that is not complete.
        var start = _completed.Frontier;
        if (start >= Limit)
        {
            return null;
        }

        if (start >= _round.First + _round.Size)
        {
            var lease = _plan.LeaseOf(start, 0);
            _round = (start - lease.Rank, lease.RoundSize);
        }

        for (var rank = PlaceOf(entry); rank < _round.Size; rank += _workers.Count)
        {
            var batch = _round.First + rank;
            if (_returned.Contains(batch) || batch >= _next)
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

    /// <summary>The place of a worker among the joined ones.</summary>
    private int PlaceOf(WorkerEntry entry)
    {
        if (!_placed)
        {
            var place = 0;
            foreach (var worker in _workers.Values)
            {
                worker.Place = place++;
            }

            _placed = true;
        }

        return entry.Place;
    }

    private sealed class WorkerEntry(long clock)
    {
        /// <summary>How many joined workers have a lower number, when it was last counted.</summary>
        public int Place { get; set; }

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
