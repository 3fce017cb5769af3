using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Training;

/// <summary>How a run is cut into epochs, batches and, under BSP, rounds. Batches are numbered over the whole run.</summary>
public sealed class EpochPlan
{
    private readonly int _roundSize;

    /// <summary>The plan of a run.</summary>
    /// <param name="examples">Examples per epoch.</param>
    /// <param name="options">Batch size, epochs, workers and consistency.</param>
    public EpochPlan(int examples, TrainingOptions options)
    {
        Examples = examples;
        BatchSize = options.BatchSize;
        BatchesPerEpoch = (examples + options.BatchSize - 1) / options.BatchSize;
        Epochs = options.Epochs;
        Synchronous = options.Consistency.Kind == ConsistencyKind.Bsp;
        _roundSize = Synchronous ? options.Workers : 1;
        StepsPerEpoch = (BatchesPerEpoch + _roundSize - 1) / _roundSize;
    }

    /// <summary>Examples per epoch.</summary>
    public int Examples { get; }

    /// <summary>Examples per batch; the last one of an epoch may have fewer.</summary>
    public int BatchSize { get; }

    /// <summary>Batches per epoch.</summary>
    public long BatchesPerEpoch { get; }

    /// <summary>Epochs.</summary>
    public int Epochs { get; }

    /// <summary>Whether batches are applied in rounds.</summary>
    public bool Synchronous { get; }

    /// <summary>Optimizer steps per epoch: rounds under BSP, else batches.</summary>
    public long StepsPerEpoch { get; }

    /// <summary>Batches of the run.</summary>
    public long TotalBatches => BatchesPerEpoch * Epochs;

    /// <summary>Optimizer steps of the run.</summary>
    public long TotalSteps => StepsPerEpoch * Epochs;

    /// <summary>Epoch of a batch, from 0.</summary>
    public int EpochOf(long batch) => (int)(batch / BatchesPerEpoch);

    /// <summary>The lease of a batch at a clock; under BSP the clock is the round.</summary>
    public Lease LeaseOf(long batch, long clock)
    {
        var epoch = EpochOf(batch);
        var within = batch % BatchesPerEpoch;
        var first = (int)(within * BatchSize);
        var count = Math.Min(BatchSize, Examples - first);
        var step = (epoch * StepsPerEpoch) + (within / _roundSize);
        if (!Synchronous)
        {
            return new Lease(new BatchId(batch), epoch, first, count, clock, step, 0, 1);
        }

        var rank = (int)(within % _roundSize);
        var roundSize = (int)Math.Min(_roundSize, BatchesPerEpoch - (within - rank));
        return new Lease(new BatchId(batch), epoch, first, count, step, step, rank, roundSize);
    }

    /// <summary>The first batch at or after <paramref name="batch"/> at which training can pause without cutting a round.</summary>
    public long RoundEnd(long batch)
    {
        var within = batch % BatchesPerEpoch;
        var start = batch - within;
        return start + Math.Min(BatchesPerEpoch, (within + _roundSize - 1) / _roundSize * _roundSize);
    }
}
