namespace TwoTower.Node.Telemetry;

/// <summary>Takes the events of a run, in order, one at a time, on a thread on which nobody trains.</summary>
internal interface IRunEventSink : IDisposable
{
    /// <summary>Takes an event. An exception is told to the person, and the sink gets no more.</summary>
    void Write(RunEvent line);
}
