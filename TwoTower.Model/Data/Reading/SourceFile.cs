using System.IO.Compression;

namespace TwoTower.Model.Data;

/// <summary>One file of a source: on disk or inside a zip.</summary>
/// <param name="Name">Path for messages.</param>
/// <param name="Length">Uncompressed length in bytes.</param>
/// <param name="Open">Opens it for reading from the start.</param>
internal sealed record SourceFile(string Name, long Length, Func<Stream> Open)
{
    /// <summary>The last part of the name.</summary>
    public string ShortName => Name[(Name.LastIndexOfAny(['/', '\\']) + 1)..];

    /// <summary>The first bytes, at most <paramref name="count"/>.</summary>
    public byte[] ReadHead(int count)
    {
        using var stream = Open();
        var head = new byte[count];
        return head.AsSpan(0, stream.ReadAtLeast(head, count, throwOnEndOfStream: false)).ToArray();
    }

    /// <summary>Opens it so that it can be read out of order; a compressed file is unpacked into memory.</summary>
    public Stream OpenSeekable()
    {
        var stream = Open();
        if (stream.CanSeek)
        {
            return stream;
        }

        using (stream)
        {
            var copy = new MemoryStream();
            stream.CopyTo(copy);
            copy.Position = 0;
            return copy;
        }
    }

    public static SourceFile OnDisk(string path) =>
        new(path, new FileInfo(path).Length, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1));

    /// <summary>The files of a folder, or those of its only subfolder when it holds no file itself (an unpacked archive).</summary>
    public static List<SourceFile> InFolder(string path)
    {
        var files = Directory.GetFiles(path);
        if (files.Length == 0 && Directory.GetDirectories(path) is [var only])
        {
            files = Directory.GetFiles(only);
        }

        Array.Sort(files, string.CompareOrdinal);
        return [.. files.Select(OnDisk)];
    }

    /// <summary>The files inside an open zip, which must stay open while they are read.</summary>
    public static List<SourceFile> InZip(ZipArchive archive, string path) =>
    [
        .. archive.Entries
            .Where(entry => entry.Name.Length > 0 && !entry.FullName.StartsWith("__MACOSX", StringComparison.Ordinal))
            .OrderBy(entry => entry.FullName, StringComparer.Ordinal)
            .Select(entry => new SourceFile($"{path}/{entry.FullName}", entry.Length, entry.Open)),
    ];
}
