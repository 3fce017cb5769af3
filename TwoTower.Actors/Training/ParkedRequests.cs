using TwoTower.Actors.Ids;

namespace TwoTower.Actors.Training;

/// <summary>Requests for a lease that wait, in the order in which they came.</summary>
internal sealed class ParkedRequests
{
    private readonly List<(WorkerId Worker, long Ordinal)> _requests = [];
    private readonly HashSet<(WorkerId Worker, long Ordinal)> _known = [];

    /// <summary>Whose requests they are; a worker with two is named twice.</summary>
    public IEnumerable<WorkerId> Workers => _requests.Select(request => request.Worker);

    /// <summary>Whether a request waits.</summary>
    public bool Contains((WorkerId Worker, long Ordinal) request) => _known.Contains(request);

    /// <summary>A request that does not wait yet comes last.</summary>
    public void Add((WorkerId Worker, long Ordinal) request)
    {
        _known.Add(request);
        _requests.Add(request);
    }

    /// <summary>Requests of a worker wait no longer.</summary>
    public void Remove(WorkerId worker)
    {
        _requests.RemoveAll(request => request.Worker == worker);
        _known.RemoveWhere(request => request.Worker == worker);
    }

    /// <summary>Tries every request once, in order; those that are granted wait no longer.</summary>
    public void Serve(Predicate<(WorkerId Worker, long Ordinal)> tryGrant)
    {
        var waiting = 0;
        for (var n = 0; n < _requests.Count; n++)
        {
            if (tryGrant(_requests[n]))
            {
                _known.Remove(_requests[n]);
            }
            else
            {
                _requests[waiting++] = _requests[n];
            }
        }

        _requests.RemoveRange(waiting, _requests.Count - waiting);
    }
}
