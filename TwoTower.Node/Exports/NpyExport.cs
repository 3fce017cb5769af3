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
        return [EmbeddingFolder.UserEmbeddings, EmbeddingFolder.ItemEmbeddings, .. EntityTables.Write(model, folder)];
    }
}
