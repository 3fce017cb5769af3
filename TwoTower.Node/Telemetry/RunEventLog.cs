namespace TwoTower.Node.Telemetry;

/// <summary>All events of a run that count, while <c>events.jsonl</c> grows. One reader, one thread at a time.</summary>
/// <param name="path">The file, which may not be there yet.</param>
internal sealed class RunEventLog(string path)
{
    private readonly RunEventLines _lines = new(path);
    private readonly List<RunEvent> _events = [];

    /// <summary>All events so far that count: what a resume has taken back is not among them.</summary>
    public IReadOnlyList<RunEvent> Events => _events;

    /// <summary>The file of a run's folder.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, RunEventFile.Name);

    /// <summary>Reads what has been written since the last time.</summary>
    /// <returns>What is new; and whether some of what was read before does not count any more, so that whoever has shown it begins anew
    /// with <see cref="Events"/>.</returns>
    /// <exception cref="Model.Storage.StorageException">The file cannot be read.</exception>
    public (IReadOnlyList<RunEvent> New, bool Rewound) ReadNew()
    {
        var (lines, anew) = _lines.ReadNew();
        var rewound = anew && _events.Count > 0;
        if (anew)
        {
            _events.Clear();
        }

        var known = _events.Count;
        foreach (var line in lines)
        {
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
}
