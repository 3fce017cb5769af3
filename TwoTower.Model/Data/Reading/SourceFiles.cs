using System.Collections.Concurrent;
using System.IO.Compression;

namespace TwoTower.Model.Data.Reading;

/// <summary>The files that a path stands for: itself, a folder's, a zip's, or what comes through a pipe.</summary>
internal sealed class SourceFiles : IDisposable
{
    private static readonly ConcurrentDictionary<string, string> s_copies = new(StringComparer.Ordinal);
    private readonly List<ZipArchive> _archives = [];
    private readonly List<SourceFile> _files = [];

    private SourceFiles()
    {
    }

    /// <summary>The files in the order of their names, those of subfolders too where the folder is divided by them (<c>year=2019</c>), or
    /// has nothing else. What other programs leave beside their parts (<c>_SUCCESS</c>, names that
    /// begin with a dot) is passed over.</summary>
    public IReadOnlyList<SourceFile> Files => _files;

    /// <summary>Files in subfolders that are passed over.</summary>
    public int PassedOver { get; private set; }

    /// <summary>Files that are no data by their names (<c>_SUCCESS</c>, <c>.crc</c>).</summary>
    public int LeftBehind { get; private set; }

    /// <summary>Where copies of them go.</summary>
    public ScratchFolder Scratch { get; } = new();

    /// <summary>Whether the path stands for standard input.</summary>
    public static bool IsStandardInput(string path) => path == "-";

    /// <summary>Whether what is there can be read once only.</summary>
    public static bool IsStream(string path)
    {
        if (IsStandardInput(path))
        {
            return true;
        }

        // A pipe must not be opened to ask: whoever writes into it would notice.
        return !OperatingSystem.IsWindows() && File.Exists(path)
            && (File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path) is var target
            && (!File.Exists(target) || new FileInfo(target).Length == 0); // a pipe has no length
    }

    /// <summary>Finds them.</summary>
    /// <param name="path">A file, a folder, a zip, a pipe, or <c>-</c> for standard input.</param>
    /// <exception cref="DataException">There is nothing there.</exception>
    public static SourceFiles Of(string path)
    {
        var files = new SourceFiles();
        try
        {
            files.Find(path);
            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _archives.ForEach(archive => archive.Dispose());
        Scratch.Dispose();
    }

    private void Find(string path)
    {
        if (IsStandardInput(path))
        {
            if (!Console.IsInputRedirected)
            {
                throw new DataException("Standard input is a terminal: pipe ratings into it, or name a file.");
            }

            AddCopy(path, Console.OpenStandardInput, "standard input");
        }
        else if (Directory.Exists(path))
        {
            AddFolder(path, []);
        }
        else if (!File.Exists(path))
        {
            throw new DataException($"There is no file or folder '{path}': expected ratings to read.");
        }
        else
        {
            // Opened once: whoever writes into a pipe notices when it is closed.
            if (s_copies.ContainsKey(path))
            {
                AddCopy(path, () => Stream.Null, path);
                return;
            }

            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1);
            if (stream.CanSeek)
            {
                stream.Dispose();
                Add(SourceFile.OnDisk(path));
            }
            else
            {
                AddCopy(path, () => stream, path);
            }
        }
    }

    /// <summary>Adds what comes from a stream, which can be read once only: the first who asks copies it, and others read
    /// the copy until the process ends.</summary>
    private void AddCopy(string path, Func<Stream> open, string name)
    {
        string copy;
        lock (s_copies)
        {
            if (!s_copies.TryGetValue(path, out copy!))
            {
                var scratch = new ScratchFolder();
                AppDomain.CurrentDomain.ProcessExit += (_, _) => scratch.Dispose();
                s_copies[path] = copy = scratch.Keep(open(), "stream");
            }
        }

        Add(new SourceFile(name, () => File.OpenRead(copy), copy));
    }

    private void AddFolder(string path, IReadOnlyList<FolderKey> keys)
    {
        var all = Directory.GetFiles(path);
        var entries = all.Where(IsData).ToArray();
        LeftBehind += all.Length - entries.Length;
        var folders = Directory.GetDirectories(path).Where(IsData).Order(StringComparer.Ordinal).ToArray();
        foreach (var folder in folders)
        {
            if (entries.Length == 0 && (folders.Length == 1 || folders.All(IsPartition)))
            {
                AddFolder(folder, [.. keys, .. KeysOf(Path.GetFileName(folder))]);
            }
            else
            {
                PassedOver += Directory.GetFiles(folder).Count(IsData);
            }
        }

        foreach (var file in entries.Order(StringComparer.Ordinal))
        {
            var target = File.ResolveLinkTarget(file, returnFinalTarget: true) as FileInfo ?? new FileInfo(file);
            if (!target.Exists)
            {
                throw new DataException($"{file} is a link to {target.FullName}, which is not there.");
            }

            // Who opens a pipe waits for somebody who writes; neither a pipe nor an empty file has a length.
            Add(target.Length == 0 ? new SourceFile(file, () => Stream.Null, null) : SourceFile.OnDisk(file, keys));
        }
    }

    private static IEnumerable<FolderKey> KeysOf(string folder) => FolderKey.Of(folder) is { } key ? [key] : [];

    private void Add(SourceFile file)
    {
        using (var head = file.OpenPacked())
        {
            var first = new byte[4];
            if (head.ReadAtLeast(first, 4, throwOnEndOfStream: false) < 4
                || !(first is [(byte)'P', (byte)'K', 3, 4] or [(byte)'P', (byte)'K', 5, 6]))
            {
                _files.Add(file);
                return;
            }
        }

        var archive = new ZipArchive(Seekable(file.OpenPacked(), file.ShortName), ZipArchiveMode.Read);
        _archives.Add(archive);
        if (archive.Entries.Any(entry => entry.FullName == "[Content_Types].xml"))
        {
            throw new DataException($"{file.Name} is an Excel workbook: expected a table as text; save its sheet as CSV.");
        }

        foreach (var entry in archive.Entries.Where(entry => entry.Name.Length > 0 && entry.FullName.Split('/').All(IsData))
            .OrderBy(entry => entry.FullName, StringComparer.Ordinal))
        {
            Add(new SourceFile($"{file.Name}/{entry.FullName}", entry.Open,
                null)
            { Keys = [.. file.Keys, .. entry.FullName.Split('/')[..^1].SelectMany(KeysOf)] });
        }
    }

    private Stream Seekable(Stream stream, string name) => stream.CanSeek ? stream : File.OpenRead(Scratch.Keep(stream, name));

    private static bool IsPartition(string folder) => FolderKey.Of(Path.GetFileName(folder)) is not null;

    // What Spark, Hadoop and macOS leave beside data.
    private static bool IsData(string path) => Path.GetFileName(path) is var name && !(name.StartsWith('.') || name.StartsWith('_'));
}
