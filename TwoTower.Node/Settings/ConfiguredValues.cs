using System.Collections;
using System.Text.Json;
using TwoTower.Model;

namespace TwoTower.Node.Settings;

/// <summary>A value that a configuration source gives.</summary>
/// <param name="Key">A setting's key, or a node option's with <see cref="NodeOptions.Prefix"/>.</param>
/// <param name="Value">Its text.</param>
/// <param name="Source">Where a run shows it to come from: <see cref="ConfiguredValues.FileName"/> or
/// <see cref="ConfiguredValues.Environment"/>.</param>
/// <param name="Place">What a person has to look for: the file, or the variable's name.</param>
internal sealed record ConfiguredValue(string Key, string Value, string Source, string Place);

/// <summary>What stands around a command: the section <c>TwoTower</c> of appsettings.json in the working directory, and over it environment
/// variables such as
/// <c>TWOTOWER__TRAIN__WORKERS</c> (two underscores stand for the dot; case does not matter).</summary>
internal sealed class ConfiguredValues
{
    /// <summary>The file in the working directory.</summary>
    public const string FileName = "appsettings.json";

    /// <summary>Source of what came from environment variables.</summary>
    public const string Environment = "environment";

    private const string Section = "TwoTower";
    private const string Prefix = "TWOTOWER__";

    private readonly IReadOnlyList<ConfiguredValue> _values;

    private ConfiguredValues(IReadOnlyList<ConfiguredValue> values) => _values = values;

    /// <summary>The sources there are.</summary>
    public static IReadOnlyList<string> Sources { get; } = [FileName, Environment];

    /// <summary>The values of this process and its working directory.</summary>
    /// <exception cref="SettingException">A source cannot be read, or names what does not exist.</exception>
    public static ConfiguredValues Here() => Read(FileName, System.Environment.GetEnvironmentVariables());

    /// <summary>The values of a file, which need not exist, and of variables.</summary>
    /// <exception cref="SettingException">A source cannot be read, or names what does not exist.</exception>
    public static ConfiguredValues Read(string path, IDictionary variables)
    {
        ConfiguredValue[] values = [.. OfFile(path), .. OfVariables(variables)];
        foreach (var value in values)
        {
            Refusing(value, () => _ = IsNode(value) ? NodeOptionCatalogue.Find(value.Key).Key : SettingCatalogue.Find(value.Key).Key);
        }

        return new ConfiguredValues(values);
    }

    /// <summary>Whether a setting has a value here.</summary>
    public bool Has(string key) => _values.Any(value => value.Key.Equals(key, StringComparison.OrdinalIgnoreCase));

    /// <summary>Keys and values of settings, the later over the earlier.</summary>
    public IEnumerable<KeyValuePair<string, string>> Settings =>
        _values.Where(value => !IsNode(value)).Select(value => KeyValuePair.Create(SettingCatalogue.Find(value.Key).Key, value.Value));

    /// <summary>Puts the settings over those of a recipe.</summary>
    /// <exception cref="SettingException">A setting does not take its value.</exception>
    public void ApplyTo(ResolvedSettings settings)
    {
        foreach (var value in _values.Where(value => !IsNode(value)))
        {
            Refusing(value, () => settings.Set(value.Key, value.Value, value.Source));
        }
    }

    /// <summary>Puts the node's options over others.</summary>
    /// <exception cref="SettingException">An option does not take its value.</exception>
    public NodeOptions ApplyTo(NodeOptions options)
    {
        foreach (var value in _values.Where(IsNode))
        {
            Refusing(value, () => options = NodeOptionCatalogue.Find(value.Key).Apply(options, value.Value));
        }

        return options;
    }

    private static bool IsNode(ConfiguredValue value) => value.Key.StartsWith(NodeOptions.Prefix, StringComparison.OrdinalIgnoreCase);

    private static void Refusing(ConfiguredValue value, Action use)
    {
        try
        {
            use();
        }
        catch (SettingException failure)
        {
            throw new SettingException($"{value.Place}: {failure.Message}");
        }
    }

    private static IEnumerable<ConfiguredValue> OfFile(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(path), SettingJson.Reading);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new SettingException($"{path} must be a JSON object.");
            }

            // Other programs' sections are none of ours; the name's case does not matter to them either.
            var sections = document.RootElement.EnumerateObject()
                .Where(property => property.Name.Equals(Section, StringComparison.OrdinalIgnoreCase)).ToArray();
            if (sections.Any(section => section.Value.ValueKind != JsonValueKind.Object))
            {
                throw new SettingException($"{path}: '{Section}' must be a JSON object of settings.");
            }

            return [.. sections.SelectMany(section => SettingJson.Flatten(section.Value))
                .Select(pair => new ConfiguredValue(pair.Key, pair.Value, FileName, path))];
        }
        catch (JsonException failure)
        {
            throw new SettingException($"{path} is not JSON: line {failure.LineNumber + 1}, column {failure.BytePositionInLine + 1}.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"{path} cannot be read: {PlainReason.Of(failure)}.");
        }
    }

    private static IEnumerable<ConfiguredValue> OfVariables(IDictionary variables)
    {
        var values = new SortedDictionary<string, ConfiguredValue>(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry variable in variables)
        {
            var name = (string)variable.Key;
            if (!name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            var value = new ConfiguredValue(name[Prefix.Length..].Replace("__", ".", StringComparison.Ordinal),
                (string?)variable.Value ?? string.Empty, Environment, name);
            if (!values.TryAdd(value.Key, value) && values[value.Key].Value != value.Value)
            {
                throw new SettingException($"{name} and {values[value.Key].Place} are one setting with two values; unset one.");
            }
        }

        return values.Values;
    }
}
