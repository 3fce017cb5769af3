using TwoTower.Actors.Training;

namespace TwoTower.Actors.ParameterServer;

/// <summary>What the shards of one process count, for whoever looks while they go on counting. It costs a shard nothing: nothing is copied before somebody looks.</summary>
/// <remarks>Every number is one that its shard had at some moment, but two of them may be a push apart. Nothing that a run computes may depend on it. In a simulation, where
/// all happens on one thread, the numbers repeat.</remarks>
/// <param name="shards">How many there will be.</param>
public sealed class ShardBoard(int shards)
{
    private readonly ShardState?[] _shards = new ShardState?[shards];

    /// <summary>What each shard has done, in order of their numbers; empty before all have come.</summary>
    public IReadOnlyList<ShardReport> Reports() => All() is not { } all ? [] : [.. all.Select(shard =>
    {
        var counters = shard.Counters;
        return new ShardReport(shard.Id.Value, counters.Rows, counters.Pulls, counters.Pushes, counters.Bytes);
    })];

    /// <summary>Stopwatch ticks that all shards spent on pulls and on applying pushes; null before all have come.</summary>
    public (long Pull, long Apply)? Ticks() => All() is not { } all ? null : (all.Sum(shard => shard.Counters.PullTicks), all.Sum(shard => shard.Counters.ApplyTicks));

    /// <summary>What all shards measured of staleness; null before all have come.</summary>
    public StalenessCounts? Staleness()
    {
        if (All() is not { } all)
        {
            return null;
        }

        var sum = new StalenessCounts();
        foreach (var shard in all)
        {
            sum.Add(shard.Staleness);
        }

        return sum;
    }

    /// <summary>A shard is there, for the first time or again.</summary>
    internal void Post(ShardState shard) => Volatile.Write(ref _shards[shard.Id.Value], shard);

    private ShardState[]? All()
    {
        var all = new ShardState[_shards.Length];
        for (var shard = 0; shard < all.Length; shard++)
        {
            if (Volatile.Read(ref _shards[shard]) is not { } here)
            {
                return null;
            }

            all[shard] = here;
        }

        return all;
    }
}
