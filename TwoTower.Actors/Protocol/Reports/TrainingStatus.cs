namespace TwoTower.Actors.Protocol.Reports;

/// <summary>How far training is at one moment, by the trainer's ledger.</summary>
/// <param name="Phase">What is going on.</param>
/// <param name="Batches">Batches that every shard has applied, without a gap from the first on.</param>
/// <param name="TotalBatches">Batches of the whole run.</param>
/// <param name="Epoch">The epoch that is worked on, from 1.</param>
/// <param name="Epochs">Epochs of the whole run.</param>
/// <param name="ExamplesPerSecond">Examples applied per second since the epoch's first batch was due; 0 before training.</param>
/// <param name="Loss">Mean loss per example of the last batch reported; null before the first.</param>
/// <param name="WorkersNeeded">Workers that must have joined before training begins.</param>
/// <param name="Workers">Workers that have joined, in order.</param>
internal sealed record TrainingStatus(
    TrainingPhase Phase, long Batches, long TotalBatches, int Epoch, int Epochs, double ExamplesPerSecond, double? Loss, int WorkersNeeded,
    IReadOnlyList<WorkerStatus> Workers)
{
    /// <summary>Seconds since a batch was last completed, or since training began or this trainer took
    /// it over; null before training.</summary>
    public double? SecondsSinceBatch { get; init; }

    /// <summary>Seconds after which what is not answered is sent again (<c>train.retrySeconds</c>).</summary>
    public double RetrySeconds { get; init; }
}

/// <summary>What a trainer is doing.</summary>
internal enum TrainingPhase
{
    /// <summary>Waiting for workers to join.</summary>
    Waiting,

    /// <summary>Batches are leased and pushed.</summary>
    Training,

    /// <summary>Paused between batches for an evaluation's snapshot, a checkpoint or the end.</summary>
    Boundary,

    /// <summary>The run is over.</summary>
    Ended,
}

/// <summary>A worker as the ledger knows it.</summary>
/// <param name="Worker">Its number.</param>
/// <param name="Clock">Clock of its next lease: one per batch.</param>
/// <param name="Frontier">Everything under this clock is applied; what consistency bounds is the distance between one
/// worker's clock and the least of these.</param>
/// <param name="Leases">Batches that it holds, in order.</param>
/// <param name="SecondsSilent">Seconds since it was heard from.</param>
/// <param name="Fenced">Whether it gets no more leases, because its life is being fenced off.</param>
internal sealed record WorkerStatus(int Worker, long Clock, long Frontier, IReadOnlyList<long> Leases, double SecondsSilent, bool Fenced);
