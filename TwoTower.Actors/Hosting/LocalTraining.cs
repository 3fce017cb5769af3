using TwoTower.Actors.Training;

namespace TwoTower.Actors.Hosting;

/// <summary>Runs a whole training in one process and one actor system.</summary>
public static class LocalTraining
{
    /// <summary>Trains to the end, to an early stop, or until <paramref name="stop"/> asks to finish the batches in flight and save.</summary>
    /// <param name="plan">Settings and data.</param>
    /// <param name="progress">Receives events; called from actor threads, must be quick.</param>
    /// <param name="stop">Asks for a clean stop; the outcome's reason is then <see cref="StopReason.Interrupted"/>.</param>
    /// <exception cref="TrainingException">The loss is no longer finite, an option is impossible, or all workers are lost.</exception>
    public static Task<TrainingOutcome> RunAsync(TrainingPlan plan, IProgress<TrainingEvent>? progress = null, CancellationToken stop = default) =>
        throw new NotImplementedException();
}
