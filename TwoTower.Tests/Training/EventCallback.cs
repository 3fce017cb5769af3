using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Tests.Training;

/// <summary>Sees a run's events at once, on the trainer's thread: <see cref="Progress{T}"/> would show them later.</summary>
internal sealed class EventCallback(Action<TrainingEvent> action) : IProgress<TrainingEvent>
{
    public void Report(TrainingEvent value) => action(value);
}
