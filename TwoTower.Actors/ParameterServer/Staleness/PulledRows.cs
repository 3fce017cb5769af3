using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.ParameterServer.Staleness;

/// <summary>What each worker pulled and has not pushed yet: copies of the rows.</summary>
/// <remarks>Bounded: no more than a worker can have on its way, for the workers that are alive: what a life had pulled goes with it
/// (<see cref="Drop"/>). However many there are, never more than
/// <paramref name="most"/> × rows of a batch × 4 × (width + 2) bytes. The oldest copy gives way to a new one; a push whose copy
/// has gone is taken as not stale.</remarks>
/// <param name="perWorker">Copies kept for one worker.</param>
/// <param name="most">Copies kept for all.</param>
internal sealed class PulledRows(int perWorker, int most)
{
    private readonly SortedDictionary<int, List<Copy>> _byWorker = [];
    private long _kept;

    /// <summary>Copies that are kept.</summary>
    public int Count { get; private set; }

    /// <summary>Workers of whom any is kept.</summary>
    public int Workers => _byWorker.Count;

    /// <summary>Keeps a copy of what goes out under a clock.</summary>
    public void Keep(ParameterProtocol.Rows rows, long clock)
    {
        if (_byWorker.TryGetValue(rows.Worker.Value, out var copies) && copies.Count == perWorker)
        {
            Forget(rows.Worker.Value, copies, 0);
        }

        if (Count == most)
        {
            var (oldest, its) = _byWorker.MinBy(worker => worker.Value[0].Number);
            Forget(oldest, its, 0);
        }

        if (!_byWorker.TryGetValue(rows.Worker.Value, out copies))
        {
            _byWorker.Add(rows.Worker.Value, copies = []);
        }

        copies.Add(new Copy(_kept++, ParameterProtocol.Pull.BirthOf(rows.Ticket), clock, rows.Version, rows.Users.Copy(),
            rows.Items.Copy()));
        Count++;
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

        return Remove(push.Worker.Value, copies, at);
    }

    /// <summary>Lives of a worker up to one are over: they push nothing more.</summary>
    public void Drop(WorkerId worker, long birth)
    {
        if (_byWorker.TryGetValue(worker.Value, out var copies))
        {
            for (var at = copies.Count - 1; at >= 0; at--)
            {
                if (copies[at].Birth <= birth)
                {
                    Forget(worker.Value, copies, at);
                }
            }
        }
    }

    private void Forget(int worker, List<Copy> copies, int at) => Remove(worker, copies, at).Return();

    private Copy Remove(int worker, List<Copy> copies, int at)
    {
        var copy = copies[at];
        copies.RemoveAt(at);
        Count--;
        if (copies.Count == 0)
        {
            _byWorker.Remove(worker);
        }

        return copy;
    }

    /// <summary>Rows as they were pulled.</summary>
    internal sealed record Copy(long Number, long Birth, long Clock, long Version, RowBlock Users, RowBlock Items)
    {
        public void Return()
        {
            Users.Return();
            Items.Return();
        }
    }
}
