using TwoTower.Model;
using TwoTower.Model.Storage;

namespace TwoTower.Node.Telemetry;

/// <summary>Reads the lines of <c>events.jsonl</c> while it grows, and keeps none of them. One reader, one thread at a time.</summary>
/// <param name="path">The file, which may not be there yet.</param>
/// <param name="thin">Whether progress lines come without times and shards, but for the last of every reading: ten times
/// as fast, and enough for a chart.</param>
internal sealed class RunEventLines(string path, bool thin = false)
{
    /// <summary>The first line has the time that the run began, so these bytes of it tell one run from another.</summary>
    private const int HeadLength = 80;

    private byte[] _head = [];
    private long _offset;

    /// <summary>Reads what has been written since the last time.</summary>
    /// <returns>Every line that is new; and whether they begin anew, because another run has begun in
    /// the folder, or the file is gone.</returns>
    /// <exception cref="StorageException">The file cannot be read.</exception>
    public (IReadOnlyList<RunEvent> New, bool Anew) ReadNew()
    {
        var before = _offset;
        var (bytes, anew) = ReadOn();
        var lines = new List<RunEvent>();
        var latest = ReadOnlySpan<byte>.Empty;
        var at = -1;
        for (var rest = bytes.AsSpan(); rest.IndexOf((byte)'\n') is >= 0 and var end; rest = rest[(end + 1)..])
        {
            _offset += end + 1;
            var thinly = thin && ProgressLine.Is(rest[..end]);
            if ((thinly ? ProgressLine.Read(rest[..end]) : RunEvent.Read(rest[..end])) is not { } line)
            {
                continue; // of a later version, or half of one that was being written when the machine died
            }

            if (thinly)
            {
                latest = rest[..end];
                at = lines.Count;
            }

            lines.Add(line);
        }

        if (at >= 0 && RunEvent.Read(latest) is { } whole)
        {
            lines[at] = whole;
        }

        return (lines, anew && before > 0);
    }

    private static byte[] Read(FileStream file, long from, long length)
    {
        var bytes = new byte[length];
        file.Seek(from, SeekOrigin.Begin);
        return bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
    }

    private (byte[] Bytes, bool Anew) ReadOn()
    {
        var anew = false;
        try
        {
            using var file = SharedFile.Open(path);
            var head = Read(file, 0, HeadLength);
            if (file.Length < _offset || !head.AsSpan().StartsWith(_head))
            {
                (_offset, anew) = (0, true);
            }

            _head = head;
            return (Read(file, _offset, file.Length - _offset), anew);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            (_head, _offset) = ([], 0);
            return ([], true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"'{path}' cannot be read: {PlainReason.Of(failure)}.", failure);
        }
    }
}
