using System.Diagnostics;
using TwoTower.Node.Telemetry;

namespace TwoTower.Node.Dashboard.Feeds;

/// <summary>The events of one run, read on as the file grows, for everybody who looks at it.</summary>
/// <param name="folder">The run's folder.</param>
/// <param name="interval">The file is not looked at more often than this.</param>
internal sealed class RunFeed(string folder, TimeSpan interval)
{
    private readonly Lock _lock = new();
    private readonly RunEventLines _lines = new(RunEventLog.PathIn(folder), thin: true);
    private RunSeries _series = new();
    private long _read;
    private long _heard = Stopwatch.GetTimestamp();

    /// <summary>What somebody has seen of the run; that of another run in the same folder is another series.</summary>
    /// <param name="Series">The series that was looked at.</param>
    /// <param name="Mark">How far.</param>
    /// <param name="Status">What had become of the run.</param>
    /// <param name="Rows">Rows that were appended since the last whole view.</param>
    public sealed record Seen(RunSeries Series, RunSeries.Mark Mark, string Status, int Rows);

    /// <summary>Reads on and looks.</summary>
    /// <exception cref="Model.Storage.StorageException">The file cannot be read.</exception>
    public T Look<T>(Func<RunSeries, T> look)
    {
        lock (_lock)
        {
            Refresh();
            return look(_series);
        }
    }

    /// <summary>What is new for somebody; null when nothing is.</summary>
    /// <param name="seen">What they have seen; null for nothing.</param>
    /// <param name="status">What has become of the run.</param>
    /// <returns>The view, and what they have seen with it.</returns>
    /// <exception cref="Model.Storage.StorageException">The file cannot be read.</exception>
    public (RunView? View, Seen Seen) Since(Seen? seen, string status) => Look(series =>
    {
        // A page that has been open for long has more points than it needs: it gets fewer.
        var whole = seen is null || seen.Series != series || seen.Rows > 2 * RunSeries.Buckets;
        var view = whole ? series.Whole(status) : series.Since(seen!.Mark, status);
        var now = new Seen(series, series.End, status, view is { Whole: true } ? 0 : seen!.Rows + (view?.Progress?.Batches.Count ?? 0));
        if (view is null && seen!.Status != status)
        {
            view = new RunView { Whole = false, Status = status };
        }

        return (view is null ? null : view with { SilentSeconds = Math.Round(Stopwatch.GetElapsedTime(_heard).TotalSeconds) }, now);
    });

    private void Refresh()
    {
        if (_read != 0 && Stopwatch.GetElapsedTime(_read) < interval)
        {
            return;
        }

        _read = Stopwatch.GetTimestamp();
        var (added, anew) = _lines.ReadNew();
        if (anew)
        {
            _series = new RunSeries();
        }

        foreach (var happened in added)
        {
            _series.Add(happened);
        }

        if (added.Count > 0)
        {
            _heard = _read;
        }
    }
}

/// <summary>Feeds of the runs that were looked at last; others are read anew when somebody comes back to them.</summary>
/// <param name="interval">How often a file is looked at.</param>
internal sealed class RunFeeds(TimeSpan interval)
{
    /// <summary>Feeds that are kept: a comparison of more runs than that reads some of them again.</summary>
    public const int Most = 16;

    private readonly Lock _lock = new();
    private readonly List<(string Folder, RunFeed Feed)> _feeds = [];

    /// <summary>The feed of a run.</summary>
    public RunFeed Of(string folder)
    {
        lock (_lock)
        {
            var at = _feeds.FindIndex(known => known.Folder == folder);
            var found = at >= 0 ? _feeds[at] : (folder, new RunFeed(folder, interval));
            if (at >= 0)
            {
                _feeds.RemoveAt(at);
            }

            _feeds.Add(found);
            if (_feeds.Count > Most)
            {
                _feeds.RemoveAt(0);
            }

            return found.Item2;
        }
    }
}
