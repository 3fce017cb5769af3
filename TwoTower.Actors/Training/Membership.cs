using TwoTower.Actors.Ids;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Training;

/// <summary>Which lives of which workers take part, and which are being fenced off. Synchronous, without actors.</summary>
/// <remarks>A trainer that was started again has forgotten its leases, so every life that had joined is fenced off; until all shards have
/// confirmed all of these, nobody is welcomed: what the shards say of the furthest clock is where clocks go on.</remarks>
internal sealed class Membership
{
    private readonly int _shards;
    private readonly SortedDictionary<int, Life> _lives = [];
    private readonly SortedDictionary<int, FenceInProgress> _fences = [];
    private readonly SortedSet<int> _unable = [];
    private readonly SortedSet<int> _unwelcomed = [];
    private int _recovered;

    /// <summary>Nobody takes part.</summary>
    /// <param name="shards">Shards that have to confirm a fence.</param>
    /// <param name="known">Lives that had joined, to be fenced off.</param>
    public Membership(int shards, IReadOnlyDictionary<int, long> known)
    {
        _shards = shards;
        foreach (var (worker, birth) in known)
        {
            _fences.Add(worker, Fencing(birth, recovered: true));
        }

        _recovered = _fences.Count;
    }

    /// <summary>Lives that take part, welcomed or not.</summary>
    public int Count => _lives.Count;

    /// <summary>Whether lives of before a crash are still being fenced off.</summary>
    public bool Recovering => _recovered > 0;

    /// <summary>Workers whose last word was that they cannot compute.</summary>
    public int Unable => _unable.Count;

    /// <summary>Fences that are not confirmed.</summary>
    public IEnumerable<ParameterProtocol.Fence> Fences =>
        _fences.SelectMany(fence =>
            fence.Value.Awaited.Select(shard => new ParameterProtocol.Fence(new ShardId(shard), new WorkerId(fence.Key),
            fence.Value.Birth)));

    /// <summary>Workers that may be welcomed now: nothing of an earlier life of theirs is being fenced off.</summary>
    public IReadOnlyList<(WorkerId Worker, long Birth)> Waiting => Recovering
        ? []
        : [.. _unwelcomed.Where(worker => !_fences.ContainsKey(worker)).Select(worker => (new WorkerId(worker), _lives[worker].Birth))];

    /// <summary>The present life of a worker; null when there is none.</summary>
    public long? BirthOf(WorkerId worker) => _lives.TryGetValue(worker.Value, out var life) ? life.Birth : null;

    /// <summary>Whether a life takes part.</summary>
    public bool Knows(WorkerId worker, long birth) => BirthOf(worker) == birth;

    /// <summary>Whether a worker's present life has been welcomed.</summary>
    public bool IsWelcomed(WorkerId worker) => _lives.ContainsKey(worker.Value) && !_unwelcomed.Contains(worker.Value);

    /// <summary>Whether an earlier life of a worker is being fenced off.</summary>
    public bool IsFencing(WorkerId worker) => _fences.ContainsKey(worker.Value);

    /// <summary>Ordinals (from 1) of the requests of a worker's present life that have been given a lease.</summary>
    public BatchSet AnsweredOf(WorkerId worker) => _lives[worker.Value].Answered;

    /// <summary>A life begins.</summary>
    public void Begin(WorkerId worker, long birth)
    {
        _unable.Remove(worker.Value);
        _lives[worker.Value] = new Life(birth);
        _unwelcomed.Add(worker.Value);
    }

    /// <summary>It has been welcomed.</summary>
    public void Welcome(WorkerId worker) => _unwelcomed.Remove(worker.Value);

    /// <summary>It is over. Its birth, or null when there was none.</summary>
    public long? End(WorkerId worker)
    {
        _unwelcomed.Remove(worker.Value);
        return _lives.Remove(worker.Value, out var life) ? life.Birth : null;
    }

    /// <summary>A worker cannot compute.</summary>
    public void NoteUnable(WorkerId worker) => _unable.Add(worker.Value);

    /// <summary>Begins to fence off a life. One fence a worker at a time: while one is in progress no later life is welcomed, so
    /// none has anything to fence off.</summary>
    public IEnumerable<ParameterProtocol.Fence> Fence(WorkerId worker, long birth)
    {
        _fences.Add(worker.Value, Fencing(birth, recovered: false));
        return Enumerable.Range(0, _shards).Select(shard => new ParameterProtocol.Fence(new ShardId(shard), worker, birth));
    }

    /// <summary>A shard takes no more pushes of a life; true when it was the last of them.</summary>
    public bool Confirm(ParameterProtocol.Fenced fenced)
    {
        if (!_fences.TryGetValue(fenced.Worker.Value, out var fence) || fence.Birth != fenced.Birth
            || !fence.Awaited.Remove(fenced.Shard.Value) || fence.Awaited.Count > 0)
        {
            return false;
        }

        _fences.Remove(fenced.Worker.Value);
        _recovered -= fence.Recovered ? 1 : 0;
        return true;
    }

    private FenceInProgress Fencing(long birth, bool recovered) => new(birth, [.. Enumerable.Range(0, _shards)], recovered);

    /// <summary>A worker from one join to the next.</summary>
    private sealed class Life(long birth)
    {
        public long Birth => birth;

        public BatchSet Answered { get; } = new(1);
    }

    /// <summary>A life that is being fenced off, and the shards that have not confirmed it.</summary>
    private sealed record FenceInProgress(long Birth, SortedSet<int> Awaited, bool Recovered);
}
