using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TwoTower.Model.Storage;

namespace TwoTower.Node.Sweeps;

/// <summary>One evaluation of a run that was read back.</summary>
/// <param name="Batches">Batches applied.</param>
/// <param name="Examples">Examples in them.</param>
/// <param name="Seconds">Seconds of training up to it, virtual in a simulation; not a number when the run did not write it.</param>
/// <param name="Metrics">Masked validation metrics.</param>
internal sealed record RunEvaluation(long Batches, double Examples, double Seconds, IReadOnlyDictionary<string, double> Metrics);

/// <summary>A run as its folder tells it.</summary>
internal sealed record RunRecord
{
    /// <summary>The folder.</summary>
    public required string Folder { get; init; }

    /// <summary>The command that made it: train or simulate.</summary>
    public required string Command { get; init; }

    /// <summary>Every setting.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>Fingerprint of the data.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Why it ended.</summary>
    public required string StopReason { get; init; }

    /// <summary>Its evaluations in order.</summary>
    public required IReadOnlyList<RunEvaluation> Evaluations { get; init; }

    /// <summary>Mean loss of every epoch.</summary>
    public IReadOnlyList<double> LossByEpoch { get; init; } = [];

    /// <summary>Masked validation metrics of the best evaluation; empty when there was none.</summary>
    public required IReadOnlyDictionary<string, double> Best { get; init; }

    /// <summary>Length of the run in seconds, virtual in a simulation.</summary>
    public required double Seconds { get; init; }

    /// <summary>Share of the workers' time in which they computed nothing.</summary>
    public required double IdleShare { get; init; }

    /// <summary>Bytes sent: all messages in a simulation, rows in and out of shards in live training.</summary>
    public required double TrafficBytes { get; init; }

    /// <summary>The busiest shard's bytes over the mean shard's.</summary>
    public required double LoadImbalance { get; init; }

    /// <summary>Staleness of pushed rows: mean, 99th percentile and maximum.</summary>
    public required (double Mean, double P99, double Max) Staleness { get; init; }

    /// <summary>Counts of τ = 0, 1, … by "table/bucket".</summary>
    public required IReadOnlyDictionary<string, long[]> StalenessHistograms { get; init; }

    /// <summary>Thread seconds of each part of the work, as this machine took them.</summary>
    public required IReadOnlyDictionary<string, double> Time { get; init; }

    /// <summary>Hash of the parameters.</summary>
    public required string ParametersSha256 { get; init; }

    /// <summary>Whether its seconds are virtual.</summary>
    public bool IsSimulated => Command == "simulate";

    /// <summary>The best value of a metric over the evaluations; null when none has it.</summary>
    public double? BestOf(string metric)
    {
        var values = Evaluations.Where(evaluation => evaluation.Metrics.ContainsKey(metric))
            .Select(evaluation => evaluation.Metrics[metric]).ToArray();
        return values.Length == 0 ? null : values.Max();
    }

    /// <summary>A metric against batches, examples or seconds.</summary>
    public IReadOnlyList<(double Cost, double Value)> Curve(string metric, Func<RunEvaluation, double> cost) =>
        [.. Evaluations.Where(evaluation => evaluation.Metrics.ContainsKey(metric))
            .Select(evaluation => (cost(evaluation), evaluation.Metrics[metric]))];

    /// <summary>Whether a folder holds a run that came to its end.</summary>
    public static bool IsWhole(string folder) => File.Exists(Path.Combine(folder, "config.json"))
        && File.Exists(Path.Combine(folder, "summary.json"));

    /// <summary>Reads a run.</summary>
    /// <exception cref="StorageException">There is none, it is not finished, or it is damaged.</exception>
    public static RunRecord Read(string folder)
    {
        if (!File.Exists(Path.Combine(folder, "config.json")))
        {
            throw new StorageException($"'{folder}' is not the folder of a run: it has no config.json.");
        }

        if (!IsWhole(folder))
        {
            throw new StorageException($"The run in '{folder}' has not ended: it has no summary.json.");
        }

        try
        {
            return Read(folder, JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!,
                JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "summary.json")))!);
        }
        catch (Exception failure) when (failure is IOException or JsonException or NullReferenceException or InvalidOperationException
            or FormatException or KeyNotFoundException)
        {
            throw new StorageException($"The run in '{folder}' cannot be read ({failure.Message.TrimEnd('.')}).", failure);
        }
    }

    private static RunRecord Read(string folder, JsonNode config, JsonNode summary)
    {
        var settings = config["settings"]!.AsObject()
            .ToDictionary(setting => setting.Key, setting => (string)setting.Value!, StringComparer.Ordinal);
        var shards = summary["shards"]!.AsArray().Select(shard => (double)shard!["bytes"]!).ToArray();
        var staleness = summary["staleness"]!;
        var world = summary["world"];
        // Times of this machine: beside the summary's other wall-clock fields where virtual ones have their place.
        var time = (summary["wallClock"]?["time"] ?? summary["time"])?.AsObject().Where(part => part.Value is not null)
            .ToDictionary(part => part.Key, part => (double)part.Value!, StringComparer.Ordinal) ?? [];
        var seconds = (double?)world?["virtualSeconds"] ?? (double)summary["throughput"]!["trainSeconds"]!;
        return new RunRecord
        {
            Folder = folder,
            Command = (string?)config["command"] ?? "train",
            Settings = settings,
            Fingerprint = (string)config["dataFingerprint"]!,
            StopReason = (string)summary["stopReason"]!,
            Evaluations = ReadEvaluations(Path.Combine(folder, "metrics.csv"), (double)summary["data"]!["trainPositives"]!),
            LossByEpoch = [.. (summary["lossByEpoch"] as JsonArray ?? []).Select(loss => (double)loss!)],
            Best = summary["best"]?["validation"]?["masked"] is JsonObject best
                ? best.ToDictionary(metric => metric.Key, metric => (double)metric.Value!, StringComparer.Ordinal) : [],
            Seconds = seconds,
            IdleShare = (double?)world?["workerIdleShare"]
                ?? Math.Clamp(time.GetValueOrDefault("wait") / Math.Max(1e-9,
                seconds * double.Parse(settings["train.workers"], CultureInfo.InvariantCulture)), 0, 1),
            TrafficBytes = world?["traffic"] is JsonObject traffic ? traffic.Sum(role => (double)role.Value!["sentBytes"]!) : shards.Sum(),
            LoadImbalance = (double?)world?["loadImbalance"] ?? (shards.Sum() > 0 ? shards.Max() / shards.Average() : 1),
            Staleness = ((double)staleness["mean"]!, (double)staleness["p99"]!, (double)staleness["max"]!),
            StalenessHistograms = staleness["histograms"]!.AsObject().ToDictionary(bucket => bucket.Key, bucket => bucket.Value!.AsArray()
                .Select(count => (long)count!).ToArray(), StringComparer.Ordinal),
            Time = time,
            ParametersSha256 = (string)summary["parametersSha256"]!,
        };
    }

    private static List<RunEvaluation> ReadEvaluations(string path, double examplesPerEpoch)
    {
        var lines = File.ReadAllLines(path);
        var names = lines[0].Split(',');
        int Column(string name) => Array.IndexOf(names, name);
        var metrics = names.Select((name, n) => (Name: name, At: n))
            .Where(column => column.Name.Contains('@', StringComparison.Ordinal) && !column.Name.StartsWith("raw ",
            StringComparison.Ordinal)).ToArray();
        var (epoch, batches, seconds) = (Column("epoch"), Column("batches"), Column("trainSeconds"));
        static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
        return
        [
            .. lines.Skip(1).Select(line => line.Split(',')).Where(cells => metrics.Any(metric => cells[metric.At].Length > 0))
                .Select(cells => new RunEvaluation(
                    long.Parse(cells[batches], CultureInfo.InvariantCulture),
                    Number(cells[epoch]) * examplesPerEpoch,
                    seconds >= 0 && cells[seconds].Length > 0 ? Number(cells[seconds]) : double.NaN,
                    metrics.Where(metric => cells[metric.At].Length > 0)
                        .ToDictionary(metric => metric.Name, metric => Number(cells[metric.At]), StringComparer.Ordinal))),
        ];
    }
}
