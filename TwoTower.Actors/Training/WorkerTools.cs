using TwoTower.Model.Losses;
using TwoTower.Model.Sampling;

namespace TwoTower.Actors.Training;

/// <summary>What batches are computed with: all that is large, and in use only while a batch is. Workers on threads of their own need one
/// each; where all run on one thread, as in the simulator, they share one, and what a thousand workers take grows with the batches on their
/// way instead of with the workers.</summary>
/// <param name="builder">Builds batches; null where their rows are only counted.</param>
/// <param name="kernel">Computes gradients.</param>
/// <param name="slot">Makes a slot.</param>
/// <param name="shared">Whether other workers go on with it when one stops.</param>
internal sealed class WorkerTools(BatchBuilder? builder, IGradientKernel kernel, Func<WorkerSlot> slot, bool shared) : IDisposable
{
    /// <summary>Builds batches; null where their rows are only counted.</summary>
    public BatchBuilder? Builder => builder;

    /// <summary>Computes gradients.</summary>
    public IGradientKernel Kernel => kernel;

    /// <summary>Slots that no batch is in.</summary>
    public Stack<WorkerSlot> Free { get; } = [];

    /// <summary>A slot that no batch is in: a used one, or a new one.</summary>
    public WorkerSlot TakeSlot() => Free.TryPop(out var used) ? used : slot();

    /// <summary>Gives native memory back, unless others go on with it.</summary>
    public void Dispose()
    {
        if (!shared)
        {
            kernel.Dispose();
        }
    }
}
