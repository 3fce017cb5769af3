namespace TwoTower.Node.Dashboard;

/// <summary>Comparisons of pairs of runs: made one at a time, and remembered for as long as both runs stay as they are.</summary>
internal sealed class Comparisons : IDisposable
{
    private const int Most = 64;

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly Queue<((string, string) Pair, ComparedMetrics Metrics)> _known = new();

    /// <summary>The metrics of the second beside the first.</summary>
    /// <exception cref="Model.Storage.StorageException">A run cannot be read.</exception>
    public async Task<ComparedMetrics> OfAsync(ShownRun first, ShownRun second, CancellationToken gone)
    {
        await _one.WaitAsync(gone).ConfigureAwait(false);
        try
        {
            var pair = (Stamp(first), Stamp(second));
            if (_known.FirstOrDefault(known => known.Pair == pair).Metrics is { } known)
            {
                return known;
            }

            var made = ComparedRuns.Metrics(first.Folder, second.Folder);
            _known.Enqueue((pair, made));
            if (_known.Count > Most)
            {
                _known.Dequeue();
            }

            return made;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private static string Stamp(ShownRun run) => $"{run.Folder} {File.GetLastWriteTimeUtc(Path.Combine(run.Folder, "summary.json")).Ticks}";
}
