using System.Text.Json;
using System.Text.Json.Serialization;

namespace TwoTower.Node.Learned;

/// <summary>The form of what a model has learned as JSON: members by their names in camel case, enumerations as text.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true)]
[JsonSerializable(typeof(Recommendations))]
[JsonSerializable(typeof(SimilarItems))]
[JsonSerializable(typeof(ItemSearch))]
[JsonSerializable(typeof(ItemMap))]
internal sealed partial class LearnedJson : JsonSerializerContext
{
    // Made when it is first asked for: the generated half of this class is initialised then.
    private static readonly Lazy<LearnedJson> s_readable =
        new(() =>
        new(new JsonSerializerOptions(Default!.Options)
        {
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping
        }));

    /// <summary>The same for files and terminals, where no page is between: titles in their own letters instead of escapes.</summary>
    public static LearnedJson Readable => s_readable.Value;
}
