using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Simulation.Time;
using TwoTower.Actors.Work;

namespace TwoTower.Actors.Simulation.Tracing;

/// <summary>Turns what happens in a world into the events of a trace.</summary>
/// <param name="metric">The metric of evaluations that is kept.</param>
internal abstract class TraceObserver(string metric) : IWorldObserver
{
    /// <inheritdoc />
    public void Sent(double now, in Crossing crossing) => Take(Message(now, TraceKind.Sent, crossing, string.Empty));

    /// <inheritdoc />
    public void Delivered(double now, in Crossing crossing) => Take(Message(now, TraceKind.Delivered, crossing, string.Empty));

    /// <inheritdoc />
    public void Dropped(double now, in Crossing crossing, string reason) => Take(Message(now, TraceKind.Dropped, crossing, reason));

    /// <inheritdoc />
    public void Working(double now, NodeId node, WorkKind kind, long size, double seconds) =>
        Take(new TraceEvent(VirtualTime.TicksOf(now), TraceKind.Work, node, node, (int)kind, size, VirtualTime.TicksOf(seconds), 0, 0,
            string.Empty));

    /// <inheritdoc />
    public void Fault(double now, NodeId? node, string what)
    {
        var at = node ?? NodeId.Trainer;
        Take(new TraceEvent(VirtualTime.TicksOf(now), TraceKind.Fault, at, at, node is null ? 0 : 1, 0, 0, 0, 0, what));
    }

    /// <inheritdoc />
    public void Changed(double now, NodeId? node, string what) => Fault(now, node, what);

    /// <inheritdoc />
    public void Ended(double now, TrainingOutcome outcome) =>
        Take(new TraceEvent(VirtualTime.TicksOf(now), TraceKind.End, default, default, 0, 0, 0, 0, 0, outcome.ParametersSha256));

    /// <summary>Takes the next event.</summary>
    protected abstract void Take(in TraceEvent traced);

    private TraceEvent Message(double now, TraceKind kind, in Crossing crossing, string reason)
    {
        var traced = TracedMessage.Of(crossing.Message, metric);
        var text = traced.Message != TraceMessage.Other ? reason : reason.Length == 0 ? crossing.Message.GetType()
            .Name : $"{crossing.Message.GetType().Name}: {reason}";
        return new TraceEvent(VirtualTime.TicksOf(now), kind, crossing.From, crossing.To, (int)traced.Message, traced.Key, crossing.Bytes,
            traced.First, traced.Second, text);
    }
}
