using TwoTower.Model.Storage;

namespace TwoTower.Node.Learned;

/// <summary>Models of run folders, each opened once however many ask for it, and again when its embeddings have been written anew. For a
/// server: safe from several threads; it holds few at a time, and opens one at a time, because each is as large as its data.</summary>
/// <param name="most">How many it holds; the one that was asked for longest ago goes first.</param>
internal sealed class LearnedModels(int most = 4) : IDisposable
{
    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly Lock _lock = new();
    private readonly List<(string Path, DateTime Written, LearnedModel Model)> _known = []; // the one that was asked for last is last

    /// <summary>The model of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="gone">Whoever asks does not wait any more.</param>
    /// <exception cref="TwoTower.Model.Data.DataException">The data cannot be read, or is not the run's.</exception>
    /// <exception cref="StorageException">There is no run in the folder, or it has not ended, or is damaged.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="gone"/>.</exception>
    public async Task<LearnedModel> OfAsync(string folder, CancellationToken gone = default)
    {
        var path = Path.GetFullPath(folder);
        if (Known(path) is { } known)
        {
            return known;
        }

        await _opening.WaitAsync(gone).ConfigureAwait(false);
        try
        {
            return Known(path) ?? Open(path);
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _opening.Dispose();

    private static DateTime Written(string path) => File.GetLastWriteTimeUtc(Path.Combine(path, EmbeddingFolder.ItemEmbeddings));

    private LearnedModel? Known(string path)
    {
        lock (_lock)
        {
            var at = _known.FindIndex(known => known.Path == path);
            if (at < 0)
            {
                return null;
            }

            var found = _known[at];
            _known.RemoveAt(at);
            if (found.Written != Written(path))
            {
                return null;
            }

            _known.Add(found);
            return found.Model;
        }
    }

    private LearnedModel Open(string path)
    {
        lock (_lock)
        {
            _known.RemoveRange(0, Math.Max(0, _known.Count + 1 - most)); // before the next one takes its room
        }

        var written = Written(path); // before it is read: what is written meanwhile is another
        var model = LearnedModel.Open(path);
        lock (_lock)
        {
            _known.Add((path, written, model));
        }

        return model;
    }
}
