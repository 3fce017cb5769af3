using TwoTower.Model.Storage;

namespace TwoTower.Node.Telemetry;

/// <summary>Reads <c>events.jsonl</c> while it grows. One reader, one thread at a time.</summary>
/// <param name="path">The file, which may not be there yet.</param>
public sealed class RunEventLog(string path)
{
    /// <summary>The first line has the time that the run began, so these bytes of it tell one run from another.</summary>
    private const int HeadLength = 80;

    private readonly List<RunEvent> _events = [];
    private byte[] _head = [];
    private long _offset;

    /// <summary>All events so far that count: what a resume has taken back is not among them.</summary>
    public IReadOnlyList<RunEvent> Events => _events;

    /// <summary>The file of a run's folder.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, RunEventFile.Name);

    /// <summary>Reads what has been written since the last time.</summary>
    /// <returns>What is new; and whether some of what was read before does not count any more, so that whoever has shown it begins anew with <see cref="Events"/>.</returns>
    /// <exception cref="StorageException">The file cannot be read.</exception>
    public (IReadOnlyList<RunEvent> New, bool Rewound) ReadNew()
    {
        var rewound = false;
        var bytes = ReadOn(ref rewound);
        var known = _events.Count;
        for (var rest = bytes.AsSpan(); rest.IndexOf((byte)'\n') is >= 0 and var end; rest = rest[(end + 1)..])
        {
            _offset += end + 1;
            if (RunEvent.Read(rest[..end]) is not { } line)
            {
                continue; // of a later version, or half of one that was being written when the machine died
            }

            if (line is RunEvent.Begin begin && _events.Count > 0)
            {
                var takenBack = _events.Take(known).Count(earlier => TakesBack(begin, earlier));
                _events.RemoveAll(earlier => TakesBack(begin, earlier));
                rewound |= takenBack > 0;
                known -= takenBack;
            }

            _events.Add(line);
        }

        return (rewound ? [.. _events] : _events[known..], rewound);
    }

    private static bool TakesBack(RunEvent.Begin begin, RunEvent earlier) =>
        earlier is RunEvent.End || begin.FromBatch < (earlier is RunEvent.Begin other ? other.FromBatch : earlier.Batches);

    private bool Forget()
    {
        var something = _events.Count > 0;
        _events.Clear();
        (_head, _offset) = ([], 0);
        return something;
    }

    private static byte[] Read(FileStream file, long from, long length)
    {
        var bytes = new byte[length];
        file.Seek(from, SeekOrigin.Begin);
        return bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
    }

    private byte[] ReadOn(ref bool rewound)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var head = Read(file, 0, HeadLength);
            if (file.Length < _offset || !head.AsSpan().StartsWith(_head))
            {
                rewound = Forget(); // another run has begun in the folder
            }

            _head = head;
            return Read(file, _offset, file.Length - _offset);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            rewound = Forget();
            return [];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"'{path}' cannot be read: {PlainReason.Of(failure)}.", failure);
        }
    }
}
