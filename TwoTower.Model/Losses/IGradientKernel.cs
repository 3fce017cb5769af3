using TwoTower.Model.Sampling;

namespace TwoTower.Model.Losses;

/// <summary>What a kernel returns besides the gradients.</summary>
/// <param name="LossSum">Σ weight × loss over the examples of the batch.</param>
/// <param name="MaskedPairs">Softmax: (example, negative) pairs left out; 0 for BPR.</param>
/// <param name="Pairs">Softmax: (example, negative) pairs there were before masks; 0 for BPR.</param>
public readonly record struct BatchLoss(double LossSum, long MaskedPairs, long Pairs);

/// <summary>Stopwatch ticks spent by a kernel, summed since it was made.</summary>
public sealed class KernelTimes
{
    /// <summary>Normalising and gathering rows.</summary>
    public long Gather { get; set; }

    /// <summary>Matrix products.</summary>
    public long Gemm { get; set; }

    /// <summary>Masking, exponentials and their sums.</summary>
    public long Softmax { get; set; }

    /// <summary>Everything else of the gradient: BPR's pairs, normalisation's backward pass, clipping.</summary>
    public long Gradient { get; set; }
}

/// <summary>Closed-form loss and gradient of one batch. Not safe for several threads: every worker has its own.</summary>
public interface IGradientKernel : IDisposable
{
    /// <summary>Where time went.</summary>
    KernelTimes Times { get; }

    /// <summary>Computes the gradient of (Σ weight × loss) / examples with respect to the raw rows, before normalisation.</summary>
    /// <param name="plan">The batch.</param>
    /// <param name="users">Raw user rows in the order of <see cref="BatchPlan.UserRows"/>, [UserRowCount, UserWidth].</param>
    /// <param name="items">Raw item rows in the order of <see cref="BatchPlan.ItemRows"/>, [ItemRowCount, ItemWidth] (bias last).</param>
    /// <param name="userGradient">Overwritten; the shape of <paramref name="users"/>.</param>
    /// <param name="itemGradient">Overwritten; the shape of <paramref name="items"/>.</param>
    BatchLoss Compute(BatchPlan plan, ReadOnlySpan<float> users, ReadOnlySpan<float> items, Span<float> userGradient,
        Span<float> itemGradient);
}
