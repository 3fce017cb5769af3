using TwoTower.Model.Data;
using TwoTower.Model.Storage;
using TwoTower.Model.Towers;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Runs;

/// <summary>A run that has ended, read back with its data: what is done with a model after training begins here.</summary>
/// <param name="Path">Its folder.</param>
/// <param name="Config">Its settings.</param>
/// <param name="Data">The data that it was made with.</param>
/// <param name="Embeddings">Its best model.</param>
internal sealed record EndedRun(string Path, RunConfig Config, RecommenderData Data, TwoTowerEmbeddings Embeddings)
{
    /// <summary>The settings.</summary>
    public ResolvedSettings Settings => Config.Settings;

    /// <summary>Reads a run and loads its data again.</summary>
    /// <param name="path">Its folder.</param>
    /// <param name="change">Changes settings before the data is loaded, or null.</param>
    /// <param name="to">Where is told what is read.</param>
    /// <exception cref="DataException">The data cannot be read, or is not the run's.</exception>
    /// <exception cref="StorageException">There is no run in the folder, or it has not ended, or is damaged.</exception>
    public static EndedRun Read(string path, Action<ResolvedSettings>? change, TextWriter to)
    {
        using var folder = RunFolder.Open(path);
        var config = folder.ReadConfig();
        if (!File.Exists(folder.File(EmbeddingFolder.ItemEmbeddings)))
        {
            throw new StorageException(
                $"The run in '{path}' has no {EmbeddingFolder.ItemEmbeddings}: it has not ended, or was stopped before its first "
                + $"evaluation.");
        }

        change?.Invoke(config.Settings);
        var data = RunData.LoadAgain(path, config.Settings, to);
        var (embeddings, users, items) = EmbeddingFolder.Load(path);
        if (data.Fingerprint != config.Fingerprint || !Same(users, data.Users) || !Same(items, data.Items))
        {
            throw new DataException(
                $"The data is not what the run in '{path}' was made with, so nothing can be said of its embeddings by it.");
        }

        return new EndedRun(path, config, data, embeddings with { Temperature = (double?)folder.ReadSummary()?["temperature"]?["best"] });
    }

    private static bool Same(IdCatalogue left, IdCatalogue right) => left.RawIds.SequenceEqual(right.RawIds, StringComparer.Ordinal);
}
