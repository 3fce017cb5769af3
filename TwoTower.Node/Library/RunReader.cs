using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Storage;
using TwoTower.Node.Runs;
using TwoTower.Node.Telemetry;

namespace TwoTower.Node.Library;

/// <summary>Reads a run's folder as an entry of a table. It looks at every state that a folder may be left in, and fails at none.</summary>
internal static class RunReader
{
    private const int TailLength = 64 * 1024;

    /// <summary>Whether a folder holds a run: it has a config that a run wrote, or one that nobody can read beside what else a run writes.</summary>
    public static bool IsRun(string folder)
    {
        var config = Path.Combine(folder, "config.json");
        if (!File.Exists(config))
        {
            return false;
        }

        try
        {
            return JsonNode.Parse(File.ReadAllText(config)) is JsonObject json && json.ContainsKey("dataFingerprint");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            return new[] { "summary.json", "metrics.csv", RunEventFile.Name, "checkpoint.safetensors" }.Any(name => File.Exists(Path.Combine(folder, name)));
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
            entry = entry with { Started = events.OfType<RunEvent.Begin>().LastOrDefault()?.Time ?? FirstBegin(folder)?.Time ?? File.GetLastWriteTimeUtc(Path.Combine(folder, "config.json")) };
            entry = atWork || summary is null ? WithProgress(folder, entry, events) : WithSummary(folder, entry, summary);
            return entry with { Status = atWork ? RunStatus.Running : StatusOf(summary, events) };
        }
        catch (Exception failure) when (failure is JsonException or IOException or UnauthorizedAccessException or StorageException or InvalidOperationException or FormatException or NullReferenceException or KeyNotFoundException)
        {
            return new RunEntry(path, RunStatus.Damaged) { Problem = failure is IOException or UnauthorizedAccessException ? PlainReason.Of(failure) : failure.Message.TrimEnd('.') };
        }
    }

    private static JsonObject? Json(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        try
        {
            return File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? throw new JsonException($"{name} is no JSON object") : null;
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
            Recall = best?["validation"]?["masked"]?[entry.Metric!] is { } recall ? IntervalOf(folder, entry.Metric!, (double)recall, best["intervals"]?[entry.Metric!]) : null,
            MinusPopularity = best?["differences"]?["popularity"]?[entry.Metric!] is JsonArray difference ? new Interval((double)difference[0]!, Number(difference[1]), Number(difference[2])) : null,
            MeanStaleness = (double?)summary["staleness"]?["mean"],
            ExamplesPerSecond = (double?)summary["throughput"]?["examplesPerSecond"],
            Seconds = (double?)summary["wallClock"]?["seconds"] ?? (double?)summary["throughput"]?["trainSeconds"],
            Done = 1,
        };
    }

    /// <summary>Runs of earlier versions have no intervals in their summary, but their users' metrics beside it.</summary>
    private static Interval IntervalOf(string folder, string metric, double value, JsonNode? interval) => interval is JsonArray ends
        ? new Interval(value, Number(ends[0]), Number(ends[1]))
        : PerUserMetricsFile.Read(folder)?.Metrics.GetValueOrDefault(metric) is { } perUser ? Bootstrap.Mean(perUser) : new Interval(value, double.NaN, double.NaN);

    private static double Number(JsonNode? value) => (double?)value ?? double.NaN;

    private static RunEntry WithProgress(string folder, RunEntry entry, IReadOnlyList<RunEvent> events)
    {
        var last = events.OfType<RunEvent.Progress>().LastOrDefault();
        var total = (events.OfType<RunEvent.Begin>().LastOrDefault() ?? FirstBegin(folder))?.TotalBatches;
        return entry with
        {
            Recall = BestSoFar(folder, entry.Metric!),
            MeanStaleness = last?.MeanStaleness,
            ExamplesPerSecond = last?.ExamplesPerSecond,
            Done = last is not null && total > 0 ? (double)last.Batches!.Value / total : null,
            Seconds = events.LastOrDefault()?.Wall,
        };
    }

    private static Interval? BestSoFar(string folder, string metric)
    {
        var path = Path.Combine(folder, "metrics.csv");
        if (!File.Exists(path))
        {
            return null;
        }

        var lines = File.ReadAllLines(path);
        var column = lines.Length > 0 ? Array.IndexOf(lines[0].Split(','), metric) : -1;
        var values = column < 0 ? [] : lines.Skip(1).Select(line => line.Split(',')).Where(cells => cells.Length > column && cells[column].Length > 0).Select(cells => double.Parse(cells[column], CultureInfo.InvariantCulture)).ToArray();
        return values.Length == 0 ? null : new Interval(values.Max(), double.NaN, double.NaN);
    }

    private static RunEvent.Begin? FirstBegin(string folder)
    {
        var path = RunEventLog.PathIn(folder);
        return File.Exists(path) && File.ReadLines(path).FirstOrDefault() is { } line ? RunEvent.Read(System.Text.Encoding.UTF8.GetBytes(line)) as RunEvent.Begin : null;
    }

    /// <summary>The last events; a long run's file has many megabytes, and a table shows only where it stands.</summary>
    private static List<RunEvent> TailOf(string folder)
    {
        var path = RunEventLog.PathIn(folder);
        if (!File.Exists(path))
        {
            return [];
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
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
