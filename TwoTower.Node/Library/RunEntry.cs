using TwoTower.Model.Evaluation;

namespace TwoTower.Node.Library;

/// <summary>How a run stands.</summary>
internal enum RunStatus
{
    /// <summary>A process is at work on it.</summary>
    Running,

    /// <summary>All of its epochs are done, or its time limit has passed.</summary>
    Finished,

    /// <summary>It stopped because it got no better.</summary>
    EarlyStopped,

    /// <summary>Somebody asked it to stop; it can go on.</summary>
    Interrupted,

    /// <summary>It ended without a result, by a failure or because its process was killed.</summary>
    Crashed,

    /// <summary>Its files cannot be read.</summary>
    Damaged,
}

/// <summary>A run in a table. What is not known is null.</summary>
/// <param name="Path">Its folder, seen from the library's, with <c>/</c> between; <c>.</c> is the library's own.</param>
/// <param name="Status">How it stands.</param>
internal sealed record RunEntry(string Path, RunStatus Status)
{
    /// <summary>Why it is damaged.</summary>
    public string? Problem { get; init; }

    /// <summary>The command that made it.</summary>
    public string? Command { get; init; }

    /// <summary>Its recipe.</summary>
    public string? Recipe { get; init; }

    /// <summary>Name of its data.</summary>
    public string? Data { get; init; }

    /// <summary>Fingerprint of its data: runs compare only when it is equal.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Workers.</summary>
    public int? Workers { get; init; }

    /// <summary>Shards.</summary>
    public int? Shards { get; init; }

    /// <summary>Consistency, as its setting is written.</summary>
    public string? Consistency { get; init; }

    /// <summary>The metric of <see cref="Recall"/>: <c>recall@10</c>, or at the run's first cut-off where it has no 10.</summary>
    public string? Metric { get; init; }

    /// <summary>Masked validation recall of its best model, of a run at work that of the best so far, without an interval.</summary>
    public Interval? Recall { get; init; }

    /// <summary>The same minus popularity's, on the same users.</summary>
    public Interval? MinusPopularity { get; init; }

    /// <summary>Mean τ over pushed rows.</summary>
    public double? MeanStaleness { get; init; }

    /// <summary>Examples per second; in a simulation per virtual second.</summary>
    public double? ExamplesPerSecond { get; init; }

    /// <summary>Share of its batches that are done.</summary>
    public double? Done { get; init; }

    /// <summary>When it began, or last went on, UTC.</summary>
    public DateTime? Started { get; init; }

    /// <summary>Seconds by the wall clock that its last process has trained.</summary>
    public double? Seconds { get; init; }

    /// <summary>Whether it ran in virtual time.</summary>
    public bool IsSimulated => Command == "simulate";
}
