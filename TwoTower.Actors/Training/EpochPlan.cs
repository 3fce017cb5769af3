using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Training;

/// <summary>How a run is cut into epochs, batches and, under BSP, rounds. Batches are numbered over the whole run.</summary>
internal sealed class EpochPlan
{
    private readonly int _roundBatches;
    private readonly long _rounds;
    private readonly int _group;
    private readonly long _roundExamples;
    private readonly bool _divided;
    private readonly int _batchSize;

    /// <summary>The plan of a run.</summary>
    /// <param name="examples">Examples per epoch.</param>
    /// <param name="options">Batch size, epochs, workers and consistency.</param>
    public EpochPlan(int examples, TrainingOptions options)
    {
        Examples = examples;
        Epochs = options.Epochs;
        Synchronous = options.Consistency.Kind == ConsistencyKind.Bsp;
        BackupWorkers = Synchronous ? options.BackupWorkers : 0;
        var workers = options.Workers - BackupWorkers;
        _divided = options.BatchPer == BatchScope.Clock;
        _batchSize = _divided ? Math.Max(1, options.BatchSize / workers) : options.BatchSize;

        // A batch that is divided over more workers than it has examples gives the last of them none.
        _roundBatches = !Synchronous ? 1 : _divided ? Math.Min(workers, options.BatchSize) : workers;
        _roundExamples = !Synchronous ? _batchSize : _divided ? options.BatchSize : (long)options.BatchSize * workers;
        _rounds = (examples + _roundExamples - 1) / _roundExamples;
        BatchesPerEpoch = ((_rounds - 1) * _roundBatches) + Pieces(_rounds - 1);
        _group = options.Consistency.GroupOf(options.Workers);
        StepsPerEpoch = (_rounds + _group - 1) / _group;
    }

    /// <summary>Examples per epoch.</summary>
    public int Examples { get; }

    /// <summary>Batches per epoch.</summary>
    public long BatchesPerEpoch { get; }

    /// <summary>Epochs.</summary>
    public int Epochs { get; }

    /// <summary>Whether batches are applied in rounds.</summary>
    public bool Synchronous { get; }

    /// <summary>Workers beyond those whose batches make a round.</summary>
    public int BackupWorkers { get; }

    /// <summary>Batches in a whole round; 1 where there are no rounds.</summary>
    public int RoundBatches => _roundBatches;

    /// <summary>Optimizer steps per epoch: rounds under BSP, updates under softsync, else batches.</summary>
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
        var round = within / _roundBatches;
        var rank = (int)(within % _roundBatches);
        var pieces = Pieces(round);
        var start = Start(round, rank, pieces);
        var count = (int)(Start(round, rank + 1, pieces) - start);
        var step = (epoch * StepsPerEpoch) + (round / _group);
        return new Lease(new BatchId(batch), epoch, (int)start, count, Synchronous ? step : clock, step, rank, pieces);
    }

    /// <summary>Examples in so many batches from the first on.</summary>
    public long ExamplesIn(long batches) => ((long)EpochOf(batches) * Examples) + LeaseOf(batches, 0).First;

    /// <summary>The round that is next when so many batches are complete, at the end of a round.</summary>
    public long RoundAfter(long completed) => (EpochOf(completed) * StepsPerEpoch) + (completed % BatchesPerEpoch / _roundBatches);

    /// <summary>The first batch at or after <paramref name="batch"/> at which training can pause without cutting a round.</summary>
    public long RoundEnd(long batch)
    {
        var within = batch % BatchesPerEpoch;
        var start = batch - within;
        return start + Math.Min(BatchesPerEpoch, (within + _roundBatches - 1) / _roundBatches * _roundBatches);
    }

    private long ExamplesOf(long round) => Math.Min(_roundExamples, Examples - (round * _roundExamples));

    /// <summary>Batches of a round; the last round of an epoch may have fewer.</summary>
    private int Pieces(long round) => _divided && Synchronous
        ? (int)Math.Min(_roundBatches, ExamplesOf(round))
        : (int)((ExamplesOf(round) + _batchSize - 1) / _batchSize);

    private long Start(long round, int piece, int pieces) => (round * _roundExamples) + (_divided && Synchronous
        ? ExamplesOf(round) * piece / pieces
        : Math.Min(ExamplesOf(round), (long)piece * _batchSize));
}
