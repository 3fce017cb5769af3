using TwoTower.Model.Storage;
using TwoTower.Node.Telemetry;

namespace TwoTower.Node.Library;

/// <summary>The runs in a folder. The folders are the truth; what was read of them is kept in an index
/// beside them, which may be deleted.</summary>
internal sealed class RunLibrary : IDisposable
{
    /// <summary>How deep below its folder runs are looked for.</summary>
    public const int Depth = 3;

    // Everything that a run's entry is read from.
    private static readonly string[] s_sources = ["config.json", "summary.json", "metrics.csv", RunEventFile.Name];

    private readonly Lock _lock = new();
    private RunIndex? _index;

    private RunLibrary(string folder) => Folder = folder;

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Opens the library of a folder.</summary>
    /// <exception cref="StorageException">There is no such folder.</exception>
    public static RunLibrary Open(string folder) => Directory.Exists(folder)
        ? new RunLibrary(Path.GetFullPath(folder))
        : throw new StorageException($"There is no folder '{folder}'; runs lie in 'runs' unless --out says otherwise.");

    /// <summary>All runs as they stand now, the latest first. Only what has changed since the last time is read. May be called by several
    /// threads; they take turns.</summary>
    public IReadOnlyList<RunEntry> Read()
    {
        lock (_lock)
        {
            var known = _index?.TryRead();
            var folders = Folders(known).ToArray();
            if (folders.Length == 0 && _index is null)
            {
                return []; // a folder that is none of ours is left as it is
            }

            var index = _index ??= RunIndex.Open(Folder);
            known ??= index.TryRead();
            if (known is null)
            {
                index.Dispose();
                index = _index = RunIndex.InMemory();
                known = new Dictionary<string, (string, RunEntry)>();
            }

            var entries = new List<RunEntry>();
            var changed = new List<(string, RunEntry)>();
            foreach (var (folder, path) in folders)
            {
                var atWork = RunReader.IsAtWork(folder);
                var stamp = $"{StampOf(folder)}{(atWork ? " at work" : string.Empty)}";
                if (known.TryGetValue(path, out var before) && before.Stamp == stamp)
                {
                    entries.Add(before.Entry);
                    continue;
                }

                var entry = RunReader.Read(folder, path, atWork);
                entries.Add(entry);
                changed.Add((stamp, entry));
            }

            var here = entries.Select(entry => entry.Path).ToHashSet(StringComparer.Ordinal);
            index.Note(changed, [.. known.Keys.Where(path => !here.Contains(path))]);
            return [.. entries.OrderByDescending(entry => entry.Started ?? DateTime.MinValue)
                .ThenBy(entry => entry.Path, StringComparer.Ordinal)];
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_lock)
        {
            _index?.Dispose();
            _index = null;
        }
    }

    private static string StampOf(string folder) => string.Join(' ', s_sources.Select(name =>
    {
        var file = new FileInfo(Path.Combine(folder, name));
        return file.Exists ? $"{file.LastWriteTimeUtc.Ticks:x}-{file.Length:x}" : "-";
    }));

    /// <summary>Folders of runs. What was a run when it was last read is not read again to find that out.</summary>
    private IEnumerable<(string Folder, string Path)> Folders(IReadOnlyDictionary<string, (string Stamp, RunEntry Entry)>? known)
    {
        bool IsRun(string folder, string path) => known?.ContainsKey(path) == true ? File.Exists(Path.Combine(folder, "config.json"))
            : RunReader.IsRun(folder);
        var level = new List<string> { Folder };
        for (var depth = 0; depth <= Depth; depth++)
        {
            var next = new List<string>();
            foreach (var folder in level)
            {
                var path = Path.GetRelativePath(Folder, folder).Replace('\\', '/');
                if (IsRun(folder, path))
                {
                    yield return (folder, path);
                }
                else
                {
                    next.AddRange(InnerOf(folder)); // a run holds no other runs
                }
            }

            level = next;
        }
    }

    private static string[] InnerOf(string folder)
    {
        try
        {
            // Links are not followed: they may lead round in a circle, or out of the library.
            return [.. new DirectoryInfo(folder).EnumerateDirectories()
                .Where(inner => !inner.Attributes.HasFlag(FileAttributes.ReparsePoint) && !inner.Name.StartsWith('.'))
                .Select(inner => inner.FullName).Order(StringComparer.Ordinal)];
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
