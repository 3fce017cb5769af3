using System.Reflection;
using System.Text.Json;
using TwoTower.Model;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Recipes;

/// <summary>Recipes are JSON objects of settings, nested by prefix or with dotted keys; some come with the program.</summary>
internal static class RecipeReader
{
    /// <summary>Keys of a recipe that begin so are no settings, but ranges in which <c>tune</c> searches.</summary>
    private const string Tune = "tune.";
    private const string Prefix = "TwoTower.Node.Recipes.";

    /// <summary>Names of the recipes that come with the program.</summary>
    public static IReadOnlyList<string> BuiltIn { get; } =
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(".json", StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..^5]).Order(StringComparer.Ordinal),
    ];

    /// <summary>Resolves a recipe by name, or by path when it ends with .json.</summary>
    /// <exception cref="SettingException">It does not exist, is no JSON object, or has a setting that does not exist.</exception>
    public static ResolvedSettings Read(string recipe)
    {
        var name = IsFile(recipe) ? Path.GetFileNameWithoutExtension(recipe) : recipe;
        var resolved = new ResolvedSettings(name);
        Apply(resolved, TextOf(recipe), recipe, $"recipe {name}");
        return resolved;
    }

    /// <summary>The ranges that a recipe declares for its settings, in its order.</summary>
    /// <exception cref="SettingException">The recipe cannot be read, or a range is of no setting or none that it takes.</exception>
    public static IReadOnlyList<SearchRange> Ranges(string recipe)
    {
        var ranges = new List<SearchRange>();
        Flatten(TextOf(recipe), recipe, (key, value) =>
        {
            if (key.StartsWith(Tune, StringComparison.Ordinal))
            {
                ranges.Add(SearchRange.Parse(key[Tune.Length..], value));
            }
        });
        return ranges;
    }

    /// <summary>The text of a recipe that comes with the program.</summary>
    public static string Text(string recipe)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"{Prefix}{recipe}.json")
            ?? throw new SettingException(
                $"There is no recipe '{recipe}'; there are {string.Join(" and ", BuiltIn)}, or give the path of a .json file.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Applies a JSON object of settings.</summary>
    public static void Apply(ResolvedSettings resolved, string json, string name, string source) => Flatten(json, name, (key, value) =>
    {
        if (!key.StartsWith(Tune, StringComparison.Ordinal))
        {
            resolved.Set(key, value, source);
        }
    });

    private static void Flatten(string json, string name, Action<string, string> take)
    {
        try
        {
            using var document = JsonDocument.Parse(json, SettingJson.Reading);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new SettingException("it must be a JSON object of settings.");
            }

            foreach (var (key, value) in SettingJson.Flatten(document.RootElement))
            {
                take(key, value);
            }
        }
        catch (SettingException failure)
        {
            throw new SettingException($"The recipe '{name}' cannot be used: {failure.Message}");
        }
        catch (JsonException failure)
        {
            throw new SettingException(
                $"The recipe '{name}' is not JSON: line {failure.LineNumber + 1}, column {failure.BytePositionInLine + 1}.");
        }
    }

    private static bool IsFile(string recipe) => recipe.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    private static string TextOf(string recipe) => IsFile(recipe) ? ReadFile(recipe) : Text(recipe);

    private static string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"The recipe '{path}' cannot be read: {PlainReason.Of(failure)}.");
        }
    }
}
