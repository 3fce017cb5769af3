using System.Text.Json;
using System.Text.Json.Nodes;
using TwoTower.Model;
using TwoTower.Model.Data;
using TwoTower.Model.Storage;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Runs;

/// <summary><c>config.json</c>: what decides a run, and where each setting came from.</summary>
/// <param name="Settings">The settings with their sources.</param>
/// <param name="Fingerprint">Fingerprint of the data.</param>
/// <param name="Command">The command that carried it out.</param>
/// <param name="ScheduleCutAtBatch">Batch at which a resume changed the number of epochs under a schedule that goes by it: from there on
/// the run is not the one that its settings give from the start; null when that never happened.</param>
internal sealed record RunConfig(ResolvedSettings Settings, string Fingerprint, string Command = "train", long? ScheduleCutAtBatch = null)
{
    /// <summary>The file's content.</summary>
    public JsonObject ToJson(ITrainingEngine engine, RecommenderData data)
    {
        var values = new JsonObject();
        var sources = new JsonObject();
        foreach (var setting in SettingCatalogue.All.Where(engine.Uses))
        {
            values[setting.Key] = setting.Read(Settings.Values);
            sources[setting.Key] = Settings.SourceOf(setting.Key);
        }

        var config = new JsonObject
        {
            ["command"] = engine.Command,
            ["recipe"] = Settings.Recipe,
            ["version"] = ProgramVersion.Text,
            ["data"] = data.Name,
            ["dataFingerprint"] = Fingerprint,
        };
        if (ScheduleCutAtBatch is { } batch)
        {
            config["scheduleCutAtBatch"] = batch;
        }

        config["settings"] = values;
        config["sources"] = sources;
        return config;
    }

    /// <summary>Reads the file.</summary>
    /// <exception cref="StorageException">It is missing, damaged, or has a setting that cannot be.</exception>
    public static RunConfig Read(string path)
    {
        try
        {
            var config = JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? throw Missing("object");
            var settings = new ResolvedSettings(Text(config, "recipe"));
            var sources = config["sources"] as JsonObject ?? throw Missing("sources");
            foreach (var (key, value) in config["settings"] as JsonObject ?? throw Missing("settings"))
            {
                settings.Set(key, value is JsonValue text && text.TryGetValue<string>(out var given)
                    ? given : throw Missing($"text for {key}"), sources.ContainsKey(key) ? Text(sources, key) : "default");
            }

            var cut = config["scheduleCutAtBatch"] is JsonValue number && number.TryGetValue<long>(out var batch) ? batch : (long?)null;
            return new RunConfig(settings, Text(config, "dataFingerprint"), config.ContainsKey("command") ? Text(config, "command")
                : "train", cut);
        }
        catch (SettingException failure)
        {
            throw new StorageException($"'{path}' cannot be used: {failure.Message}", failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new StorageException($"'{path}' cannot be read: {PlainReason.Of(failure)}.", failure);
        }
    }

    private static string Text(JsonObject from, string key) =>
        from[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw Missing(key);

    private static SettingException Missing(string what) => new($"it has no {what}, so it is not what a run writes.");
}
