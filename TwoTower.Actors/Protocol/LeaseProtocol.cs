using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol.Declarations;
using TwoTower.Model.Losses;

namespace TwoTower.Actors.Protocol;

/// <summary>Worker ↔ trainer: who computes which batch.</summary>
internal static class LeaseProtocol
{
    /// <summary>"I am here." Repeated until welcomed. The sender is whom the trainer talks to from then on.</summary>
    /// <param name="Worker">The worker.</param>
    /// <param name="Birth">Grows from one life of the same worker to the next.</param>
    [Manifest("l.join.1")]
    public sealed record Join(WorkerId Worker, long Birth) : IWithWorkerId;

    /// <summary>The answer to <see cref="Join"/>.</summary>
    [Manifest("l.welcome.1")]
    public sealed record Welcome(WorkerId Worker, long Birth) : IWithWorkerId;

    /// <summary>"Give me the batch for my ordinal-th turn." Repeating it gives the same lease again.</summary>
    [Manifest("l.request.1")]
    public sealed record LeaseRequest(WorkerId Worker, long Birth, long Ordinal) : IWithWorkerId;

    /// <summary>A batch to compute.</summary>
    [Manifest("l.granted.1")]
    public sealed record LeaseGranted(WorkerId Worker, long Birth, long Ordinal, Lease Lease) : IWithWorkerId;

    /// <summary>"The gradient of this turn's batch is computed; does it still count?" Asked under bsp with backup workers before anything
    /// is pushed. Repeated until answered.</summary>
    [Manifest("l.offer.1")]
    public sealed record Offer(WorkerId Worker, long Birth, long Ordinal) : IWithWorkerId;

    /// <summary>The gradient is one of those that make the round: push it under this lease.</summary>
    [Manifest("l.accepted.1")]
    public sealed record OfferAccepted(WorkerId Worker, long Birth, long Ordinal, Lease Lease) : IWithWorkerId;

    /// <summary>The round has enough without it: forget the gradient; the batch will be computed again.</summary>
    [Manifest("l.declined.1")]
    public sealed record OfferDeclined(WorkerId Worker, long Birth, long Ordinal) : IWithWorkerId;

    /// <summary>Every shard has applied the batch. Repeated until recorded.</summary>
    [Manifest("l.completed.2")]
    public sealed record Completed(WorkerId Worker, long Birth, long Ordinal, BatchReport Report) : IWithWorkerId;

    /// <summary>The answer to <see cref="Completed"/>.</summary>
    [Manifest("l.recorded.1")]
    public sealed record CompletionRecorded(WorkerId Worker, long Birth, long Ordinal) : IWithWorkerId;

    /// <summary>The trainer does not know this life of the worker (its lease expired, or it never joined): join again.</summary>
    [Manifest("l.unknown.1")]
    public sealed record Unknown(WorkerId Worker, long Birth) : IWithWorkerId;

    /// <summary>"I have finished what I had and leave." Whatever it was still given goes to others.</summary>
    [Manifest("l.leave.1")]
    public sealed record Leave(WorkerId Worker, long Birth) : IWithWorkerId;

    /// <summary>"Which items does the last snapshot rank best for every user?" Asked before a batch with negatives from there. Repeated
    /// until answered; not answered at a boundary, where another ranking may be about to come.</summary>
    /// <param name="Worker">The worker.</param>
    /// <param name="Birth">Its life.</param>
    /// <param name="Known">Step of the ranking that it has, or −1.</param>
    [Manifest("l.ranking.1")]
    public sealed record RankingRequest(WorkerId Worker, long Birth, long Known) : IWithWorkerId;

    /// <summary>The answer to <see cref="RankingRequest"/>.</summary>
    /// <param name="Worker">The worker.</param>
    /// <param name="Birth">Its life.</param>
    /// <param name="Step">Step of the snapshot, or −1 when there has been none.</param>
    /// <param name="Until">It holds for batches below this one.</param>
    /// <param name="Depth">Items per user.</param>
    /// <param name="Items">[users, depth] as in <see cref="Model.Sampling.RankedNegatives"/>; empty when the
    /// worker has it, or there is none.</param>
    [Manifest("l.ranked.2")]
    public sealed record RankingGiven(WorkerId Worker, long Birth, long Step, long Until, int Depth, int[] Items)
        : IWithWorkerId, IWireChecked
    {
        string? IWireChecked.Fault =>
            Depth < 0 || (Depth == 0 ? Items.Length > 0 : Items.Length % Depth != 0)
                ? $"{Items.Length} ranked items are not rows of {Depth}."
                : null;
    }

    /// <summary>"I cannot go on." Repeated until recorded.</summary>
    /// <param name="Worker">The worker.</param>
    /// <param name="Birth">Its life.</param>
    /// <param name="Kind">Whether another could do better.</param>
    /// <param name="Reason">Why, as the rest of a sentence.</param>
    [Manifest("l.failed.2")]
    public sealed record Failed(WorkerId Worker, long Birth, WorkerFailure Kind, string Reason) : IWithWorkerId;

    /// <summary>The answer to <see cref="Failed"/>.</summary>
    [Manifest("l.noted.1")]
    public sealed record FailureRecorded(WorkerId Worker, long Birth) : IWithWorkerId;
}

/// <summary>Why a worker cannot go on.</summary>
internal enum WorkerFailure
{
    /// <summary>It, or its machine, cannot compute. Others may.</summary>
    CannotCompute,

    /// <summary>The loss is no longer a finite number: no worker can go on.</summary>
    LossNotFinite,
}

/// <summary>A batch given to a worker for a time.</summary>
/// <param name="Batch">Which batch.</param>
/// <param name="Epoch">Its epoch, from 0.</param>
/// <param name="First">Position of its first example in the epoch's order.</param>
/// <param name="Count">Its examples.</param>
/// <param name="Clock">The worker's clock; under BSP the round's.</param>
/// <param name="Step">Optimizer step, for the learning-rate schedule.</param>
/// <param name="Rank">Position in the BSP round; 0 otherwise.</param>
/// <param name="RoundSize">Batches in the BSP round, whose pushes are applied together; 1 otherwise; 0 when the
/// gradient has to be offered first.</param>
internal sealed record Lease(BatchId Batch, int Epoch, int First, int Count, long Clock, long Step, int Rank, int RoundSize);

/// <summary>What a worker tells of a batch that every shard has applied.</summary>
/// <param name="Batch">Which batch.</param>
/// <param name="Loss">Loss and masked pairs.</param>
/// <param name="Examples">Its examples.</param>
/// <param name="StaleRows">Rows pushed.</param>
/// <param name="StalenessSum">Σ τ over them.</param>
/// <param name="Times">Stopwatch ticks the worker spent.</param>
internal sealed record BatchReport(BatchId Batch, BatchLoss Loss, int Examples, long StaleRows, long StalenessSum, WorkerTimes Times);

/// <summary>Stopwatch ticks a worker spent on one batch.</summary>
internal readonly record struct WorkerTimes(long Pull, long Gather, long Gemm, long Softmax, long Gradient, long Push);
