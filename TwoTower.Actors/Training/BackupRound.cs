using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Training;

/// <summary>The bsp round in progress when there are backup workers: which batches make it, in the order in which
/// their gradients were offered. Pure.</summary>
/// <remarks>Chen et al. 2016, "Revisiting distributed synchronous SGD", section 3: of W + b workers the first W gradients make the step.
/// There a late gradient is lost with its examples; here its batch goes back to the ledger and is in a later round. A round is decided when
/// gradients are computed and not when they are pushed, so that every shard has the same one.</remarks>
internal sealed class BackupRound
{
    private readonly EpochPlan _plan;
    private readonly SortedDictionary<long, int> _rankOf = [];
    private int _completed;
    private long _step;

    /// <summary>Between two rounds, or in one that is open.</summary>
    /// <param name="plan">How the run is cut into rounds.</param>
    /// <param name="accepted">The leases accepted into the open round, in the order in which they were; none between two rounds.</param>
    public BackupRound(EpochPlan plan, IReadOnlyList<Lease> accepted)
    {
        _plan = plan;
        foreach (var lease in accepted)
        {
            (Size, _step) = (lease.RoundSize, lease.Clock);
            End = (lease.Epoch + 1) * plan.BatchesPerEpoch;
            _rankOf.Add(lease.Batch.Number, lease.Rank);
        }
    }

    /// <summary>Batches that make the round; 0 between two rounds.</summary>
    public int Size { get; private set; }

    /// <summary>Batches from this one on are not for this round: the end of the epoch, or where training pauses.</summary>
    public long End { get; private set; }

    /// <summary>Batches accepted so far.</summary>
    public int Accepted => _rankOf.Count;

    /// <summary>Whether all that make the round are accepted.</summary>
    public bool IsFull => Size > 0 && _rankOf.Count == Size;

    /// <summary>Whether a batch is one of those accepted.</summary>
    public bool Has(long batch) => _rankOf.ContainsKey(batch);

    /// <summary>Begins the next round, unless one is open.</summary>
    /// <param name="completed">Batches complete.</param>
    /// <param name="limit">Where training pauses next; the last round before that, and of an epoch, has what is left.</param>
    public void BeginUnlessOpen(long completed, long limit)
    {
        if (Size == 0)
        {
            End = Math.Min(limit, ((completed / _plan.BatchesPerEpoch) + 1) * _plan.BatchesPerEpoch);
            Size = (int)Math.Min(_plan.RoundBatches, End - completed);
            _step = _plan.RoundAfter(completed);
        }
    }

    /// <summary>Takes a batch into the round; one that is in it stays where it is.</summary>
    /// <exception cref="InvalidOperationException">The round is full.</exception>
    public void Accept(long batch)
    {
        if (!Has(batch))
        {
            _rankOf.Add(batch, IsFull ? throw new InvalidOperationException($"Batch {batch} was accepted into a full round.")
                : _rankOf.Count);
        }
    }

    /// <summary>The lease of a batch in this round: with its rank, or without a round size while it has none.</summary>
    public Lease LeaseOf(long batch)
    {
        var lease = _plan.LeaseOf(batch, _step) with { Clock = _step, Step = _step };
        return _rankOf.TryGetValue(batch, out var rank) ? lease with { Rank = rank, RoundSize = Size }
            : lease with { Rank = 0, RoundSize = 0 };
    }

    /// <summary>Every shard has applied a batch; with the last of them the round ends.</summary>
    public void Complete(long batch)
    {
        if (Has(batch) && ++_completed == Size)
        {
            _rankOf.Clear();
            _completed = 0;
            Size = 0;
        }
    }
}
