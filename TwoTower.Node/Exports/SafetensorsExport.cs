using System.Globalization;
using TwoTower.Model.Storage;
using TwoTower.Node.Learned;

namespace TwoTower.Node.Exports;

/// <summary>Both tables in one safetensors file.</summary>
internal static class SafetensorsExport
{
    private const string Name = "embeddings.safetensors", Users = "user_embeddings", Items = "item_embeddings",
        Histories = "item_histories";

    public static IReadOnlyList<string> Write(LearnedModel model, string folder)
    {
        var embeddings = model.Run.Embeddings;
        var texts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["dataFingerprint"] = model.Run.Data.Fingerprint,
            ["dim"] = model.Run.Settings.Values.Training.Model.Dim.ToString(CultureInfo.InvariantCulture),
            ["score"] = "user_embeddings @ item_embeddings.T; columns from dim on are 1 for users, bias and prior for items",
        };
        var tensors = new Dictionary<string, float[]>(StringComparer.Ordinal) { [Users] = embeddings.Users, [Items] = embeddings.Items };
        var shapes = new Dictionary<string, int[]>(StringComparer.Ordinal)
        {
            [Users] = [embeddings.UserCount, embeddings.Dim],
            [Items] = [embeddings.ItemCount, embeddings.Dim]
        };
        if (embeddings.ItemHistories is { } histories)
        {
            (tensors[Histories], shapes[Histories]) = (histories, [embeddings.ItemCount, histories.Length / embeddings.ItemCount]);
            var attention = model.Run.Settings.Values.Training.Model.History.Attention;
            texts["newUser"] =
                (attention > 0 ? string.Create(CultureInfo.InvariantCulture,
                $"softmax(log(weights) + {attention} * V @ (weights @ V)) @ V for V = item_histories[liked]")
                : "weights @ item_histories[liked]")
                + ", weights summing to 1, divided by its norm where the model normalises; then 1 for each column from dim on";
        }

        new SafetensorsFile(tensors, new Dictionary<string, int[]>(StringComparer.Ordinal), texts) { Shapes = shapes }
            .Write(Path.Combine(folder, Name));
        return [Name, .. EntityTables.Write(model, folder)];
    }
}
