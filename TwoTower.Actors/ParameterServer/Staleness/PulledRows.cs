using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.ParameterServer.Staleness;

/// <summary>What each worker pulled and has not pushed yet: copies of the rows.</summary>
/// <remarks>Bounded: no more than a worker can have on its way, so at most workers × <paramref name="perWorker"/> × rows of a batch × 4 × (width + 2) bytes. The oldest copy gives way to a new one;
/// a push whose copy has gone is taken as not stale.</remarks>
/// <param name="perWorker">Copies kept for one worker.</param>
internal sealed class PulledRows(int perWorker)
{
    private readonly Dictionary<int, List<Copy>> _byWorker = [];

    /// <summary>Keeps a copy of what goes out under a clock.</summary>
    public void Keep(ParameterProtocol.Rows rows, long clock)
    {
        if (!_byWorker.TryGetValue(rows.Worker.Value, out var copies))
        {
            _byWorker.Add(rows.Worker.Value, copies = []);
        }

        if (copies.Count == perWorker)
        {
            copies[0].Return();
            copies.RemoveAt(0);
        }

        copies.Add(new Copy(clock, rows.Version, rows.Users.Copy(), rows.Items.Copy()));
    }

    /// <summary>Takes out what a push was computed from, or null when it is not here any more. The caller gives it back.</summary>
    public Copy? Take(ParameterProtocol.Push push)
    {
        // A pull that was sent again has two copies of one clock; the version says which of them the worker used.
        if (!_byWorker.TryGetValue(push.Worker.Value, out var copies)
            || copies.FindLastIndex(copy => copy.Clock == push.Lease.Clock && copy.Version == push.PulledVersion) is var at && at < 0)
        {
            return null;
        }

        var found = copies[at];
        copies.RemoveAt(at);
        return found;
    }

    /// <summary>Rows as they were pulled.</summary>
    internal sealed record Copy(long Clock, long Version, RowBlock Users, RowBlock Items)
    {
        public void Return()
        {
            Users.Return();
            Items.Return();
        }
    }
}
