using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using TwoTower.Actors.Simulation.Tracing;
using TwoTower.Model.Data;
using TwoTower.Model.Storage;
using TwoTower.Node.Settings;
using TwoTower.Node.Traces;

namespace TwoTower.Node.Timelines;

/// <summary>A timeline as one HTML file that needs nothing else.</summary>
internal static class TimelinePage
{
    private const string Resource = "TwoTower.Node.Timelines.timeline.html", DataMark = "/*DATA*/null", TitleMark = "<!--TITLE-->";

    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private static readonly string[] s_shown =
        ["train.workers", "train.shards", "train.consistency", "train.partitioner", "train.prefetch", "train.batchSize", "train.epochs",
            "optimizer.kind", "network.latency", "compute.factor", "train.seed", "world.seed"];

    /// <summary>The trace of a run folder, or the path itself where it is a file.</summary>
    /// <exception cref="DataException">The run has no trace.</exception>
    public static string TraceOf(string path)
    {
        if (!Directory.Exists(path))
        {
            return path;
        }

        var summary = Path.Combine(path, "summary.json");
        try
        {
            var trace = JsonNode.Parse(File.ReadAllText(summary))!["world"]?["trace"]?.GetValue<string>();
            return trace is null
                ? throw new DataException($"The run in '{path}' kept no trace: run 'twotower simulate' with --trace FILE.")
                : Path.Combine(path, trace);
        }
        catch (Exception failure) when (failure is IOException or JsonException or UnauthorizedAccessException)
        {
            throw new DataException($"'{path}' is not the folder of a run that ended ({failure.Message}); give the trace file itself.");
        }
    }

    /// <summary>Reads a trace and writes the page.</summary>
    /// <exception cref="DataException">It is no trace.</exception>
    /// <exception cref="TraceException">It is damaged.</exception>
    /// <exception cref="StorageException">The page cannot be written.</exception>
    public static Timeline Write(string tracePath, string output)
    {
        var ticks = 0L;
        string? sha256 = null;
        var header = Read(tracePath, (in TraceEvent traced) => ticks = traced.Ticks, hash => sha256 = hash);
        var training = header.Settings.Values.Training;
        var builder = new TimelineBuilder(ticks, training.Workers, training.Shards);
        Read(tracePath, (in TraceEvent traced) => builder.Take(traced), _ => { });
        var timeline = builder.Build(sha256);
        var data = JsonSerializer.SerializeToNode(timeline, s_json)!.AsObject();
        data["metric"] = training.Metric;
        data["recipe"] = header.Settings.Recipe;
        data["settings"] =
            new JsonObject(
            s_shown.Select(key => KeyValuePair.Create(key, (JsonNode?)SettingCatalogue.Find(key).Read(header.Settings.Values))));

        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)!;
        using var template = new StreamReader(stream);
        try
        {
            // The serializer writes < and > and & as escapes, so the data cannot end the script.
            AtomicFile.WriteText(output, template.ReadToEnd()
                .Replace(TitleMark, $"twotower: {training.Workers} workers, {training.Shards} shards, {training.Consistency}",
                    StringComparison.Ordinal)
                .Replace(DataMark, data.ToJsonString(), StringComparison.Ordinal));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"'{output}' cannot be written ({failure.Message}); choose another --out.", failure);
        }

        return timeline;
    }

    private delegate void Taker(in TraceEvent traced);

    private static TraceHeader Read(string path, Taker take, Action<string> hashed)
    {
        var (header, stream) = TraceFile.Open(path);
        using (stream)
        {
            using var reader = new TraceReader(stream);
            var ended = false;
            while (reader.TryRead(out var traced))
            {
                take(traced);
                ended = traced.Kind == TraceKind.End;
            }

            if (ended)
            {
                hashed(reader.CheckHash());
            }
        }

        return header;
    }
}
