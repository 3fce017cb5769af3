using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TwoTower.Model;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Storage;
using TwoTower.Node.Runs;
using TwoTower.Node.Telemetry;

namespace TwoTower.Node.Library;

/// <summary>Reads a run's folder as an entry of a table. It looks at every state that a folder may be left in, and fails at none.</summary>
internal static class RunReader
{
    private const int TailLength = 64 * 1024;

    /// <summary>Whether a folder holds a run: it has a config that a run wrote, or one that nobody can read
    /// beside what else a run writes.</summary>
    public static bool IsRun(string folder)
    {
        var config = Path.Combine(folder, "config.json");
        if (!File.Exists(config))
        {
            return false;
        }

        try
        {
            return JsonNode.Parse(SharedFile.ReadText(config)) is JsonObject json && json.ContainsKey("dataFingerprint");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            return new[] { "summary.json", "metrics.csv", RunEventFile.Name, "checkpoint.safetensors" }.Any(name =>
                File.Exists(Path.Combine(folder, name)));
        }
    }

    /// <summary>Whether a process is at work in a folder.</summary>
    public static bool IsAtWork(string folder) => RunFolder.IsLocked(folder);

    /// <summary>Reads a run.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="path">The folder as the entry names it.</param>
    /// <param name="atWork">Whether a process is at work in it.</param>
    public static RunEntry Read(string folder, string path, bool atWork)
    {
        try
        {
            var config = Json(folder, "config.json") ?? throw new JsonException("config.json is missing");
            var summary = Json(folder, "summary.json");
            var entry = WithConfig(new RunEntry(path, RunStatus.Running), config);
            var events = TailOf(folder);
            entry = entry with
            {
                Started = events.OfType<RunEvent.Begin>().LastOrDefault()?.Time ?? LatestBegin(folder)?.Time
                ?? File.GetLastWriteTimeUtc(Path.Combine(folder, "config.json"))
            };
            entry = atWork || summary is null ? WithProgress(folder, entry, events, (string?)config["settings"]?["evaluate.metric"])
                : WithSummary(folder, entry, summary);
            return entry with { Status = atWork ? RunStatus.Running : StatusOf(summary, events) };
        }
        catch (Exception failure) when (failure is JsonException or IOException or UnauthorizedAccessException or StorageException
            or InvalidOperationException or FormatException or OverflowException or ArgumentException or NullReferenceException
            or KeyNotFoundException)
        {
            return new RunEntry(path, RunStatus.Damaged)
            {
                Problem = failure is IOException or UnauthorizedAccessException
                ? PlainReason.Of(failure) : failure.Message.TrimEnd('.')
            };
        }
    }

    private static JsonObject? Json(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        try
        {
            return File.Exists(path) ? JsonNode.Parse(SharedFile.ReadText(path)) as JsonObject
                ?? throw new JsonException($"{name} is no JSON object") : null;
        }
        catch (JsonException damaged)
        {
            throw new JsonException($"{name} cannot be read", damaged);
        }
    }

    private static RunEntry WithConfig(RunEntry entry, JsonObject config)
    {
        var settings = config["settings"]!;
        var cutoffs = ((string)settings["evaluate.cutoffs"]!).Split(',');
        return entry with
        {
            Command = (string?)config["command"] ?? "train",
            Recipe = (string)config["recipe"]!,
            Data = (string?)config["data"],
            Fingerprint = (string)config["dataFingerprint"]!,
            Workers = Whole(settings, "train.workers"),
            Shards = Whole(settings, "train.shards"),
            Consistency = (string)settings["train.consistency"]!,
            Metric = $"recall@{(cutoffs.Contains("10") ? "10" : cutoffs[0])}",
        };
    }

    private static int Whole(JsonNode settings, string key) => int.Parse((string)settings[key]!, CultureInfo.InvariantCulture);

    private static RunStatus StatusOf(JsonObject? summary, IReadOnlyList<RunEvent> events)
    {
        if (events.Count > 0 && events[^1] is not RunEvent.End)
        {
            return RunStatus.Crashed; // whatever an earlier stretch had left
        }

        return ((events.LastOrDefault() as RunEvent.End)?.Reason ?? (string?)summary?["stopReason"]) switch
        {
            "finished" or "timeLimit" when summary is not null => RunStatus.Finished,
            "earlyStopped" when summary is not null => RunStatus.EarlyStopped,
            "interrupted" => RunStatus.Interrupted,
            _ => RunStatus.Crashed,
        };
    }

    private static RunEntry WithSummary(string folder, RunEntry entry, JsonObject summary)
    {
        var best = summary["best"];
        return entry with
        {
            Recall = best?["validation"]?["masked"]?[entry.Metric!] is { } recall
                ? IntervalOf(folder, entry.Metric!, (double)recall, best["intervals"]?[entry.Metric!]) : null,
            MinusPopularity = best?["differences"]?["popularity"]?[entry.Metric!] is JsonArray difference
                ? new Interval((double)difference[0]!, Number(difference[1]), Number(difference[2])) : null,
            MeanStaleness = (double?)summary["staleness"]?["mean"],
            ExamplesPerSecond = (double?)summary["throughput"]?["examplesPerSecond"],
            Seconds = (double?)summary["wallClock"]?["seconds"] ?? (double?)summary["throughput"]?["trainSeconds"],
            Done = 1,
        };
    }

    /// <summary>Runs of earlier versions have no intervals in their summary, but their users' metrics beside it.</summary>
    private static Interval IntervalOf(string folder, string metric, double value, JsonNode? interval) => interval is JsonArray ends
        ? new Interval(value, Number(ends[0]), Number(ends[1]))
        : PerUserMetricsFile.Read(folder)?.Metrics.GetValueOrDefault(metric) is { } perUser ? Bootstrap.Mean(perUser)
        : new Interval(value, double.NaN, double.NaN);

    private static double Number(JsonNode? value) => (double?)value ?? double.NaN;

    private static RunEntry WithProgress(string folder, RunEntry entry, IReadOnlyList<RunEvent> events, string? decidingMetric)
    {
        var last = events.OfType<RunEvent.Progress>().LastOrDefault();
        var total = (events.OfType<RunEvent.Begin>().LastOrDefault() ?? LatestBegin(folder))?.TotalBatches;
        return entry with
        {
            Recall = BestSoFar(folder, entry.Metric!, decidingMetric ?? entry.Metric!),
            MeanStaleness = last?.MeanStaleness,
            ExamplesPerSecond = last?.ExamplesPerSecond,
            Done = last is not null && total > 0 ? (double)last.Batches!.Value / total : null,
            Seconds = events.LastOrDefault()?.Wall,
        };
    }

    /// <summary>The metric where the deciding one is best so far, as it will be in the summary.</summary>
    private static Interval? BestSoFar(string folder, string metric, string deciding)
    {
        var path = Path.Combine(folder, "metrics.csv");
        if (!File.Exists(path))
        {
            return null;
        }

        var rows = SharedFile.ReadText(path).Split('\n').Select(line => line.TrimEnd('\r').Split(',')).ToArray();
        var (shown, decides) = (Array.IndexOf(rows[0], metric), Array.IndexOf(rows[0], deciding));
        var best = shown < 0 || decides < 0 ? null : rows.Skip(1)
            .Where(row => row.Length == rows[0].Length && row[shown].Length > 0 && row[decides].Length > 0)
            .MaxBy(row => double.Parse(row[decides], CultureInfo.InvariantCulture));
        return best is null ? null : new Interval(double.Parse(best[shown], CultureInfo.InvariantCulture), double.NaN, double.NaN);
    }

    /// <summary>How the run's latest process began, where that is further up than the last events: searched from the end, because a run
    /// that went on begins once more.</summary>
    private static RunEvent.Begin? LatestBegin(string folder)
    {
        var path = RunEventLog.PathIn(folder);
        if (!File.Exists(path))
        {
            return null;
        }

        var mark = "{\"type\":\"begin\","u8;
        using var file = SharedFile.Open(path);
        var block = new byte[1 << 20];
        for (var end = file.Length; end > 0; end = Math.Max(0, end - block.Length + mark.Length))
        {
            var start = Math.Max(0, end - block.Length);
            file.Seek(start, SeekOrigin.Begin);
            var read = block.AsSpan(0, file.ReadAtLeast(block.AsSpan(0, (int)(end - start)), (int)(end - start),
                throwOnEndOfStream: false));
            if (read.LastIndexOf(mark) is >= 0 and var at)
            {
                file.Seek(start + at, SeekOrigin.Begin);
                using var reader = new StreamReader(file, leaveOpen: true);
                return reader.ReadLine() is { } line ? RunEvent.Read(System.Text.Encoding.UTF8.GetBytes(line)) as RunEvent.Begin : null;
            }

            if (start == 0)
            {
                break;
            }
        }

        return null;
    }

    /// <summary>The last events; a long run's file has many megabytes, and a table shows only where it stands.</summary>
    private static List<RunEvent> TailOf(string folder)
    {
        var path = RunEventLog.PathIn(folder);
        if (!File.Exists(path))
        {
            return [];
        }

        using var file = SharedFile.Open(path);
        file.Seek(Math.Max(0, file.Length - TailLength), SeekOrigin.Begin);
        using var reader = new StreamReader(file);
        var events = new List<RunEvent>();
        while (reader.ReadLine() is { } line)
        {
            if (RunEvent.Read(System.Text.Encoding.UTF8.GetBytes(line)) is { } known)
            {
                events.Add(known);
            }
        }

        return events;
    }
}
