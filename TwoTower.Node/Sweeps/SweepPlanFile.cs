using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TwoTower.Model.Storage;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Sweeps;

/// <summary>A sweep as JSON: <c>plan.json</c> of a sweep's folder, and what a person may write and give as the grid.</summary>
internal static class SweepPlanFile
{
    /// <summary>Name of the file in a sweep's folder.</summary>
    public const string Name = "plan.json";

    private static readonly JsonSerializerOptions s_indented =
        new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string[] s_keys = ["recipe", "engine", "vary", "target", "seeds", "windows", "settings", "grid"];

    /// <summary>Writes a plan.</summary>
    public static void Write(string path, SweepPlan plan)
    {
        var settings = new JsonObject();
        foreach (var (key, value) in plan.Settings)
        {
            settings[key] = value; // the later one counts
        }

        var grid = new JsonObject();
        foreach (var axis in plan.Axes)
        {
            grid[axis.Name] = new JsonArray([.. axis.Values.Select(value => (JsonNode)value)]);
        }

        var json = new JsonObject
        {
            ["recipe"] = plan.Recipe,
            ["engine"] = plan.Engine.ToString().ToLowerInvariant(),
            ["vary"] = plan.Vary.ToString().ToLowerInvariant(),
            ["seeds"] = new JsonArray([.. plan.Seeds.Select(seed => (JsonNode)seed)]),
            ["settings"] = settings,
            ["grid"] = grid,
        };
        if (plan.Windows > 1)
        {
            json["windows"] = plan.Windows;
        }

        if (plan.Target.Metric is not null)
        {
            json["target"] = plan.Target.ToString();
        }

        AtomicFile.WriteText(path, json.ToJsonString(s_indented) + "\n");
    }

    /// <summary>Reads a sweep.</summary>
    /// <exception cref="SettingException">It cannot be read, is no such JSON, or says what cannot be.</exception>
    public static SweepDraft Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(path),
                new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return Read(document.RootElement, path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"The sweep '{path}' cannot be read ({failure.Message.TrimEnd('.')}).");
        }
        catch (JsonException failure)
        {
            throw new SettingException(
                $"The sweep '{path}' is not JSON: line {failure.LineNumber + 1}, column {failure.BytePositionInLine + 1}.");
        }
    }

    private static SweepDraft Read(JsonElement root, string path)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new SettingException($"The sweep '{path}' must be a JSON object with a grid.");
        }

        var draft = new SweepDraft();
        foreach (var property in root.EnumerateObject())
        {
            var value = property.Value;
            draft = property.Name switch
            {
                "recipe" => draft with { Recipe = Scalar(value, property.Name) },
                "engine" => draft with { Engine = Choice<SweepEngine>("engine", Scalar(value, property.Name)) },
                "vary" => draft with { Vary = Choice<SweepVary>("vary", Scalar(value, property.Name)) },
                "target" => draft with { Target = SweepTarget.Parse(Scalar(value, property.Name)) },
                "seeds" when value.ValueKind == JsonValueKind.Array =>
                    draft with { Axes = [.. draft.Axes, GridAxis.Of("seed", Scalars(value, property.Name))] },
                "seeds" => draft with { SeedCount = Count(Scalar(value, property.Name)) },
                "windows" => draft with { Windows = RollingWindows.Count(Scalar(value, property.Name)) },
                "settings" => draft with { Settings = [.. Flat(value, string.Empty)] },
                "grid" => draft with
                {
                    Axes = [.. draft.Axes, .. Members(value, property.Name)
                    .Select(axis => GridAxis.Of(axis.Name, Scalars(axis.Value, axis.Name)))]
                },
                _ => throw new SettingException($"The sweep '{path}' says '{property.Name}'; it takes {string.Join(", ", s_keys)}."),
            };
        }

        return draft;
    }

    /// <summary>Reads a number of seeds.</summary>
    /// <exception cref="SettingException">It is no number.</exception>
    public static int Count(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count)
        ? count
        : throw Setting.Refused("--seeds", text, $"a whole number from 1 to {SweepDraft.MostSeeds}");

    /// <summary>Reads a name of an enumeration.</summary>
    /// <exception cref="SettingException">It is none.</exception>
    public static T Choice<T>(string name, string text) where T : struct, Enum =>
        Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.GetNames<T>().Contains(text, StringComparer.OrdinalIgnoreCase)
            ? value
            : throw Setting.Refused(name, text, string.Join(" or ", Enum.GetNames<T>().Select(choice => choice.ToLowerInvariant())));

    private static IEnumerable<KeyValuePair<string, string>> Flat(JsonElement element, string prefix) => Members(element, "settings")
        .SelectMany(property =>
            property.Value.ValueKind == JsonValueKind.Object
                ? Flat(property.Value, prefix + property.Name + ".")
                : [KeyValuePair.Create(prefix + property.Name, property.Value.ValueKind == JsonValueKind.Array
                    ? string.Join(',', Scalars(property.Value, property.Name)) : Scalar(property.Value, property.Name))]);

    private static IEnumerable<JsonProperty> Members(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object
        ? element.EnumerateObject()
        : throw new SettingException($"'{name}' of a sweep must be a JSON object.");

    private static IEnumerable<string> Scalars(JsonElement element, string name) => element.ValueKind == JsonValueKind.Array
        ? element.EnumerateArray().Select(value => Scalar(value, name))
        : [Scalar(element, name)];

    private static string Scalar(JsonElement value, string name) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => throw new SettingException($"'{name}' of a sweep must be a text or a number."),
    };
}
