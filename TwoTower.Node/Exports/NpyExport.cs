using TwoTower.Model.Storage;
using TwoTower.Node.Learned;

namespace TwoTower.Node.Exports;

/// <summary>NumPy matrices.</summary>
internal static class NpyExport
{
    public static IReadOnlyList<string> Write(LearnedModel model, string folder)
    {
        var embeddings = model.Run.Embeddings;
        NpyFile.Write(Path.Combine(folder, EmbeddingFolder.UserEmbeddings), embeddings.Users, embeddings.Dim);
        NpyFile.Write(Path.Combine(folder, EmbeddingFolder.ItemEmbeddings), embeddings.Items, embeddings.Dim);
        if (embeddings.ItemHistories is { } histories)
        {
            NpyFile.Write(Path.Combine(folder, EmbeddingFolder.ItemHistories), histories, histories.Length / embeddings.ItemCount);
        }

        return [EmbeddingFolder.UserEmbeddings, EmbeddingFolder.ItemEmbeddings, .. embeddings.ItemHistories is null
            ? [] : new[] { EmbeddingFolder.ItemHistories }, .. EntityTables.Write(model, folder)];
    }
}
