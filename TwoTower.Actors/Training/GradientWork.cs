using System.Diagnostics;
using Akka.Actor;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Work;
using TwoTower.Model.Losses;

namespace TwoTower.Actors.Training;

/// <summary>Computes the gradients of a worker's batches, one at a time, beside the worker, and says where the time went.</summary>
/// <param name="work">Where they are computed.</param>
/// <param name="kernel">Computes.</param>
/// <param name="clipNorm">The longest that a gradient may be; 0 for any length.</param>
internal sealed class GradientWork(ITimedWork work, IGradientKernel kernel, double clipNorm)
{
    /// <summary>Begins to fill a slot's gradient; <see cref="Done"/> goes to the worker.</summary>
    /// <param name="slot">The batch.</param>
    /// <param name="birth">The life that it belongs to.</param>
    /// <param name="owner">The worker.</param>
    public void Begin(WorkerSlot slot, long birth, IActorRef owner) =>
        work.Run(owner, WorkKind.Gradient, slot.Lease.Count, () => Compute(slot, birth));

    private Done Compute(WorkerSlot slot, long birth)
    {
        var times = kernel.Times;
        var (gather, gemm, softmax, gradient) = (times.Gather, times.Gemm, times.Softmax, times.Gradient);
        var loss = kernel.Compute(slot.Plan, slot.Users, slot.Items, slot.UserGradient, slot.ItemGradient);
        var start = Stopwatch.GetTimestamp();
        if (clipNorm > 0)
        {
            GradientClipping.Clip(slot.LearnedUserGradient, slot.LearnedItemGradient, clipNorm);
        }

        return new Done(birth, loss, new WorkerTimes(
            slot.PullTicks, times.Gather - gather, times.Gemm - gemm, times.Softmax - softmax,
            times.Gradient - gradient + Stopwatch.GetTimestamp() - start, 0));
    }

    /// <summary>A gradient is there.</summary>
    /// <param name="Birth">The life that its batch belongs to.</param>
    /// <param name="Loss">The batch's loss.</param>
    /// <param name="Times">Where the time went (ticks).</param>
    internal sealed record Done(long Birth, BatchLoss Loss, WorkerTimes Times) : INoSerializationVerificationNeeded;
}
