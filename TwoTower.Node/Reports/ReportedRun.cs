using System.Text.Json.Nodes;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Storage;
using TwoTower.Node.Runs;
using TwoTower.Node.Sweeps;
using TwoTower.Node.Telemetry;

namespace TwoTower.Node.Reports;

/// <summary>A run as a report needs it.</summary>
/// <param name="Name">What it is called: the last part of its folder's path that tells it from the others.</param>
/// <param name="Record">What every reader of runs knows.</param>
/// <param name="Config">Its settings.</param>
/// <param name="Summary">Its result.</param>
/// <param name="Events">What happened; empty in runs of earlier versions.</param>
internal sealed record ReportedRun(string Name, RunRecord Record, RunConfig Config, JsonObject Summary, IReadOnlyList<RunEvent> Events)
{
    /// <summary>Metrics that tables show: recall at the first three cut-offs, NDCG at the first.</summary>
    public IReadOnlyList<string> Metrics => [.. Config.Settings.Values.Training.Cutoffs.Take(3).Select(k => $"recall@{k}"),
        $"ndcg@{Config.Settings.Values.Training.Cutoffs[0]}"];

    /// <summary>What it was made on; null in runs of earlier versions.</summary>
    public JsonObject? Environment => Summary["environment"] as JsonObject ?? Summary["wallClock"]?["environment"] as JsonObject;

    /// <summary>Baselines that were judged, by name.</summary>
    public IEnumerable<KeyValuePair<string, JsonNode?>> Baselines => (Summary["baselines"] as JsonObject ?? [])
        .Where(baseline => baseline.Value?["validation"] is not null);

    /// <summary>What the truth of a synthetic world reaches; null where it is not known.</summary>
    public JsonNode? Oracle => Summary["oracle"];

    /// <summary>Reads runs.</summary>
    /// <exception cref="StorageException">One is none, has not ended, or is damaged.</exception>
    public static IReadOnlyList<ReportedRun> Read(IReadOnlyList<string> folders)
    {
        var full = folders.Select(folder => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))).ToArray();
        return [.. full.Select(folder => Read(folder, ShortestName(folder, full)))];
    }

    /// <summary>The masked validation value of a baseline in a metric.</summary>
    public static double? ValueOf(JsonNode? baseline, string metric) => (double?)baseline?["validation"]?["masked"]?[metric];

    /// <summary>The model's value with its interval; null when nothing was evaluated.</summary>
    public Interval? ModelValue(string metric) => ValueOf(Summary["best"], metric) is { } value
        ? Summary["best"]!["intervals"]?[metric] is JsonArray ends
        ? new Interval(value, (double?)ends[0] ?? double.NaN, (double?)ends[1] ?? double.NaN) : new Interval(value, double.NaN, double.NaN)
        : null;

    /// <summary>The model minus a baseline; null when it is not known.</summary>
    public Interval? Difference(string baseline, string metric) => Summary["best"]?["differences"]?[baseline]?[metric] is JsonArray known
        ? new Interval((double)known[0]!, (double?)known[1] ?? double.NaN, (double?)known[2] ?? double.NaN)
        : null;

    /// <summary>As much of a path's end as tells it from the others.</summary>
    private static string ShortestName(string folder, string[] all)
    {
        string End(string path, int parts) => string.Join('/', path.Split(Path.DirectorySeparatorChar).TakeLast(parts));
        var most = folder.Split(Path.DirectorySeparatorChar).Length;
        var needed = Enumerable.Range(1, most)
            .FirstOrDefault(parts => all.Count(other => End(other, parts) == End(folder, parts)) == all.Count(other => other == folder),
            most);
        return End(folder, needed);
    }

    private static ReportedRun Read(string folder, string name)
    {
        var record = RunRecord.Read(folder);
        var run = RunFolder.Open(folder);
        var log = new RunEventLog(RunEventLog.PathIn(folder));
        log.ReadNew();
        return new ReportedRun(name, record, run.ReadConfig(), run.ReadSummary()!, log.Events);
    }
}
