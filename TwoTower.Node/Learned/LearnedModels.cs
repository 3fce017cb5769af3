using System.Collections.Concurrent;
using TwoTower.Model.Storage;

namespace TwoTower.Node.Learned;

/// <summary>Models of run folders, each opened once however many ask for it, and again when its embeddings have been written anew. For a server: safe from several threads, and it holds few at a time.</summary>
/// <param name="most">How many it holds; the one that was asked for longest ago goes first.</param>
public sealed class LearnedModels(int most = 4)
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private long _clock;

    /// <summary>The model of a folder.</summary>
    /// <exception cref="TwoTower.Model.Data.DataException">The data cannot be read, or is not the run's.</exception>
    /// <exception cref="StorageException">There is no run in the folder, or it has not ended, or is damaged.</exception>
    public LearnedModel Of(string folder)
    {
        var path = Path.GetFullPath(folder);
        var written = File.GetLastWriteTimeUtc(Path.Combine(path, EmbeddingFolder.ItemEmbeddings));
        var entry = _entries.AddOrUpdate(path, _ => new Entry(path, written), (_, known) => known.Written == written ? known : new Entry(path, written));
        entry.LastAsked = Interlocked.Increment(ref _clock);
        try
        {
            var model = entry.Model.Value;
            foreach (var old in _entries.OrderByDescending(known => known.Value.LastAsked).Skip(most))
            {
                _entries.TryRemove(old);
            }

            return model;
        }
        catch
        {
            // What could not be read may be whole the next time.
            _entries.TryRemove(KeyValuePair.Create(path, entry));
            throw;
        }
    }

    private sealed class Entry(string path, DateTime written)
    {
        public DateTime Written { get; } = written;

        public Lazy<LearnedModel> Model { get; } = new(() => LearnedModel.Open(path));

        public long LastAsked { get; set; }
    }
}
