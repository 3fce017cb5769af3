namespace TwoTower.Actors.Simulation.Tracing;

/// <summary>Where a run first does something else than its trace.</summary>
/// <param name="Number">Which event, from 1.</param>
/// <param name="Expected">What the trace has; null when it has no more events.</param>
/// <param name="Actual">What happened; null when the run ended before.</param>
internal sealed record TraceDivergence(long Number, TraceEvent? Expected, TraceEvent? Actual);

/// <summary>A run does something else than its trace.</summary>
internal sealed class TraceDivergenceException(TraceDivergence divergence)
    : Exception($"The run differs from its trace at event {divergence.Number}.")
{
    /// <summary>Where.</summary>
    public TraceDivergence Divergence => divergence;
}

/// <summary>Holds a run against a trace, event by event, and ends it at the first that differs.</summary>
/// <param name="metric">The metric of evaluations that the trace keeps.</param>
/// <param name="expected">The trace.</param>
internal sealed class TraceComparison(string metric, TraceReader expected) : TraceObserver(metric)
{
    private TraceEvent? _last;

    /// <summary>Events that were the same.</summary>
    public long Same { get; private set; }

    /// <summary>The first difference, or null.</summary>
    public TraceDivergence? Divergence { get; private set; }

    /// <summary>Whether the trace's end event was reached.</summary>
    public bool ReachedEnd { get; private set; }

    /// <summary>Whether the trace broke off before an end event: the run it is of did not end by itself.</summary>
    public bool BrokeOff { get; private set; }

    /// <summary>Why the trace cannot be read further, or null.</summary>
    public TraceException? Damage { get; private set; }

    /// <summary>The last event that was the same.</summary>
    public TraceEvent? Last => _last;

    /// <summary>Says that the run is over; whatever the trace has more is a difference.</summary>
    public void Close()
    {
        if (Divergence is null && !ReachedEnd && !BrokeOff && TryNext(out var missing))
        {
            Divergence = new TraceDivergence(Same + 1, missing, null);
        }
    }

    /// <inheritdoc />
    protected override void Take(in TraceEvent traced)
    {
        if (Divergence is not null || ReachedEnd || BrokeOff)
        {
            return; // what is still on its way when the run is stopped
        }

        if (!TryNext(out var recorded))
        {
            BrokeOff = true;
            throw new TraceDivergenceException(new TraceDivergence(Same + 1, null, traced));
        }

        if (recorded != traced)
        {
            Divergence = new TraceDivergence(Same + 1, recorded, traced);
            throw new TraceDivergenceException(Divergence);
        }

        _last = traced;
        Same++;
        ReachedEnd = traced.Kind == TraceKind.End;
    }

    private bool TryNext(out TraceEvent recorded)
    {
        try
        {
            return expected.TryRead(out recorded);
        }
        catch (TraceException damaged)
        {
            (Damage, recorded) = (damaged, default);
            return false;
        }
    }
}
