using System.Globalization;
using System.Text.Json;

namespace TwoTower.Node.Settings;

/// <summary>Settings written as a JSON object, nested by prefix or with dotted keys.</summary>
internal static class SettingJson
{
    /// <summary>How a person's JSON is read: comments and a comma too many do no harm.</summary>
    public static JsonDocumentOptions Reading { get; } = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>The settings of an object in the order in which they stand, keys dotted, arrays with commas between.</summary>
    public static IEnumerable<(string Key, string Value)> Flatten(JsonElement element, string prefix = "")
    {
        foreach (var property in element.EnumerateObject())
        {
            var key = prefix + property.Name;
            switch (property.Value.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (var inner in Flatten(property.Value, key + "."))
                    {
                        yield return inner;
                    }

                    break;
                case JsonValueKind.Array:
                    yield return (key, string.Join(',', property.Value.EnumerateArray().Select(Scalar)));
                    break;
                default:
                    yield return (key, Scalar(property.Value));
                    break;
            }
        }
    }

    private static string Scalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Null => string.Empty,
        JsonValueKind.Number when value.TryGetInt64(out var whole) => whole.ToString(CultureInfo.InvariantCulture),
        _ => value.GetRawText(),
    };
}
