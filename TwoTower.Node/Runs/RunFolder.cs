using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Storage;
using TwoTower.Node.Engines;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Runs;

/// <summary>The folder of a run. Every file is written beside its place and renamed into it.</summary>
public sealed class RunFolder : ICheckpointStore
{
    private const string ConfigName = "config.json", CheckpointName = "checkpoint.safetensors";

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    private RunFolder(string path) => Path = path;

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Makes the folder of a new run.</summary>
    /// <param name="path">Where, or null for <c>runs/&lt;time&gt;-&lt;recipe&gt;</c>.</param>
    /// <param name="recipe">Name of the recipe.</param>
    /// <exception cref="StorageException">It cannot be made, or holds a run already.</exception>
    public static RunFolder Create(string? path, string recipe)
    {
        var folder = new RunFolder(path ?? System.IO.Path.Combine("runs", $"{DateTime.Now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}-{recipe}"));
        if (System.IO.File.Exists(folder.File(ConfigName)))
        {
            throw new StorageException($"'{folder.Path}' holds a run already; choose another --out, or go on with it by --resume {folder.Path}.");
        }

        folder.Make();
        return folder;
    }

    /// <summary>Opens the folder of a run that exists.</summary>
    /// <exception cref="StorageException">There is no run in it.</exception>
    public static RunFolder Open(string path) => System.IO.File.Exists(System.IO.Path.Combine(path, ConfigName))
        ? new RunFolder(path)
        : throw new StorageException($"'{path}' is not the folder of a run: it has no {ConfigName}.");

    /// <summary>The same run going on in another folder.</summary>
    public RunFolder ContinueIn(string? path)
    {
        if (path is null)
        {
            return this;
        }

        var other = new RunFolder(path);
        other.Make();
        return other;
    }

    /// <summary>Path of a file in the folder.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes the command, the settings, where each came from, and the data's fingerprint.</summary>
    public void WriteConfig(ITrainingEngine engine, ResolvedSettings settings, RecommenderData data)
    {
        var values = new JsonObject();
        var sources = new JsonObject();
        foreach (var setting in SettingCatalogue.All.Where(engine.Uses))
        {
            values[setting.Key] = setting.Read(settings.Values);
            sources[setting.Key] = settings.SourceOf(setting.Key);
        }

        WriteJson(ConfigName, new JsonObject
        {
            ["command"] = engine.Command,
            ["recipe"] = settings.Recipe,
            ["version"] = Program.Version,
            ["data"] = data.Name,
            ["dataFingerprint"] = data.Fingerprint,
            ["settings"] = values,
            ["sources"] = sources,
        });
    }

    /// <summary>Reads the settings back.</summary>
    public (ResolvedSettings Settings, string Fingerprint, string Command) ReadConfig()
    {
        try
        {
            var config = JsonNode.Parse(System.IO.File.ReadAllText(File(ConfigName)))!;
            var settings = new ResolvedSettings(config["recipe"]!.GetValue<string>());
            foreach (var (key, value) in config["settings"]!.AsObject())
            {
                settings.Set(key, value!.GetValue<string>(), "resume");
            }

            return (settings, config["dataFingerprint"]!.GetValue<string>(), config["command"]?.GetValue<string>() ?? "train");
        }
        catch (Exception failure) when (failure is IOException or JsonException or NullReferenceException or InvalidOperationException)
        {
            throw new StorageException($"'{File(ConfigName)}' cannot be read ({failure.Message}).", failure);
        }
    }

    /// <summary>Writes a JSON file, indented.</summary>
    public void WriteJson(string name, JsonNode json) => AtomicFile.WriteText(File(name), json.ToJsonString(s_indented) + "\n");

    /// <inheritdoc />
    public void Save(TrainingCheckpoint checkpoint)
    {
        var floats = new SortedDictionary<string, float[]>(checkpoint.Tensors.ToDictionary(), StringComparer.Ordinal);
        foreach (var (name, values) in checkpoint.BestTensors ?? new Dictionary<string, float[]>())
        {
            floats.Add($"best/{name}", values);
        }

        new SafetensorsFile(floats, checkpoint.RowSteps.ToDictionary(table => $"{table.Key}/steps", table => table.Value), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["format"] = "twotower-checkpoint-1",
            ["step"] = checkpoint.Step.ToString(CultureInfo.InvariantCulture),
            ["lossByEpoch"] = Numbers(checkpoint.LossByEpoch),
            ["batchLosses"] = Numbers(checkpoint.BatchLosses),
            ["evaluationSteps"] = Numbers(checkpoint.Evaluations.Select(evaluation => (double)evaluation.Step)),
            ["evaluationValues"] = Numbers(checkpoint.Evaluations.Select(evaluation => evaluation.Value)),
        }).Write(File(CheckpointName));
    }

    /// <summary>Reads the checkpoint.</summary>
    /// <exception cref="StorageException">There is none, or it is damaged.</exception>
    public TrainingCheckpoint Load()
    {
        if (!System.IO.File.Exists(File(CheckpointName)))
        {
            throw new StorageException($"'{Path}' has no {CheckpointName} to go on from: the run ended before its first one.");
        }

        var file = SafetensorsFile.Read(File(CheckpointName));
        if (file.Metadata.GetValueOrDefault("format") != "twotower-checkpoint-1")
        {
            throw new StorageException($"'{File(CheckpointName)}' is not a checkpoint that this version reads.");
        }

        var best = file.Floats.Where(tensor => tensor.Key.StartsWith("best/", StringComparison.Ordinal)).ToDictionary(tensor => tensor.Key[5..], tensor => tensor.Value);
        return new TrainingCheckpoint
        {
            Step = long.Parse(file.Metadata["step"], CultureInfo.InvariantCulture),
            Tensors = file.Floats.Where(tensor => !tensor.Key.StartsWith("best/", StringComparison.Ordinal)).ToDictionary(),
            RowSteps = file.Integers.ToDictionary(table => table.Key[..^"/steps".Length], table => table.Value),
            LossByEpoch = Numbers(file.Metadata["lossByEpoch"]),
            BatchLosses = Numbers(file.Metadata["batchLosses"]),
            Evaluations = [.. Numbers(file.Metadata["evaluationSteps"]).Zip(Numbers(file.Metadata["evaluationValues"]), (step, value) => ((long)step, value))],
            BestTensors = best.Count > 0 ? best : null,
        };
    }

    // "R" gives back the same bits.
    private static string Numbers(IEnumerable<double> values) => string.Join(' ', values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));

    private static double[] Numbers(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(part => double.Parse(part, CultureInfo.InvariantCulture))];

    private void Make()
    {
        try
        {
            Directory.CreateDirectory(Path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The folder '{Path}' cannot be made ({failure.Message}); choose another with --out.", failure);
        }
    }
}
