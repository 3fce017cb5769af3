using TwoTower.Node.Telemetry;

namespace TwoTower.Node.Dashboard.Feeds;

/// <summary>What a page is told of a run: all of it, or what has come since.</summary>
internal sealed record RunView
{
    /// <summary>Whether this is all of it, in the place of whatever the page has; else lists and columns are to be appended.</summary>
    public required bool Whole { get; init; }

    /// <summary>What has become of the run.</summary>
    public required string Status { get; init; }

    /// <summary>Seconds since the run last said anything, as far as this server has heard; only in streams, which follow it.</summary>
    public double? SilentSeconds { get; init; }

    /// <summary>How the run's latest process began; null when nothing is known of it.</summary>
    public RunEvent.Begin? Begin { get; init; }

    /// <summary>Progress.</summary>
    public ProgressColumns? Progress { get; init; }

    /// <summary>What every worker was doing.</summary>
    public LaneColumns? Lanes { get; init; }

    /// <summary>Epochs that have ended.</summary>
    public IReadOnlyList<EpochPoint> Epochs { get; init; } = [];

    /// <summary>Snapshots that were scored.</summary>
    public IReadOnlyList<EvaluationPoint> Evaluations { get; init; } = [];

    /// <summary>What is marked on every chart.</summary>
    public IReadOnlyList<NoticePoint> Notices { get; init; } = [];

    /// <summary>Notices so far, those included that were too many to send.</summary>
    public int NoticeCount { get; init; }

    /// <summary>Thread seconds by part of the work; null when unknown or unchanged, as are the next ones.</summary>
    public IReadOnlyDictionary<string, double>? Time { get; init; }

    /// <summary>The workers.</summary>
    public IReadOnlyList<RunEvent.Worker>? Workers { get; init; }

    /// <summary>The shards' load.</summary>
    public IReadOnlyList<RunEvent.Shard>? Shards { get; init; }

    /// <summary>Rows by τ, by table and popularity.</summary>
    public IReadOnlyDictionary<string, long[]>? Histograms { get; init; }

    /// <summary>Who is in the cluster, and where shards are.</summary>
    public RunEvent.Members? Members { get; init; }
}

/// <summary>Where in a run something happened, on every axis that a chart can have.</summary>
/// <param name="Batches">Batches done.</param>
/// <param name="Examples">Examples in them.</param>
/// <param name="Wall">Seconds of wall time in which the run was at work.</param>
/// <param name="Virtual">Virtual seconds; null outside simulations.</param>
internal readonly record struct Place(long Batches, long Examples, double Wall, double? Virtual);

/// <summary>An epoch's end.</summary>
internal sealed record EpochPoint(Place At, int Epoch, double? Loss, double? ExamplesPerSecond, double? MeanStaleness);

/// <summary>A scored snapshot.</summary>
internal sealed record EvaluationPoint(Place At, double Epoch, bool Best, IReadOnlyDictionary<string, double> Metrics,
    IReadOnlyDictionary<string, double[]> Interval);

/// <summary>Something to mark.</summary>
internal sealed record NoticePoint(Place At, string Kind, string Text);

/// <summary>Progress as columns of one length.</summary>
/// <param name="Batches">Batches done.</param>
/// <param name="Examples">Examples in them.</param>
/// <param name="Wall">Seconds at work.</param>
/// <param name="Virtual">Virtual seconds; null outside simulations.</param>
/// <param name="Loss">Mean loss per example of the latest batch.</param>
/// <param name="Rate">Examples per second.</param>
/// <param name="Staleness">Mean τ so far.</param>
internal sealed record ProgressColumns(
    IReadOnlyList<long> Batches, IReadOnlyList<long> Examples, IReadOnlyList<double> Wall, IReadOnlyList<double>? Virtual,
    IReadOnlyList<double?> Loss, IReadOnlyList<double?> Rate, IReadOnlyList<double?> Staleness)
{
    /// <summary>Mean loss over all the lines that a row stands for; null where every line is here. A smoothed line goes by these: the
    /// extremes that were kept have another mean.</summary>
    public IReadOnlyList<double?>? LossMeans { get; init; }

    /// <summary>The same of <see cref="Rate"/>.</summary>
    public IReadOnlyList<double?>? RateMeans { get; init; }
}

/// <summary>What every worker was doing, from each place to the next.</summary>
/// <param name="Batches">Batches done where a cell begins.</param>
/// <param name="Examples">Examples in them.</param>
/// <param name="Wall">Seconds at work.</param>
/// <param name="Virtual">Virtual seconds; null outside simulations.</param>
/// <param name="Cells">By worker a character per cell: 0 to 9, tenths of the looks at which it computed (9 is all of them); x, it was lost
/// at one; space, it was not there.</param>
internal sealed record LaneColumns(IReadOnlyList<long> Batches, IReadOnlyList<long> Examples, IReadOnlyList<double> Wall,
    IReadOnlyList<double>? Virtual, IReadOnlyDictionary<int, string> Cells);
