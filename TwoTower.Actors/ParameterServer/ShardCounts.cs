using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Actors.ParameterServer;

/// <summary>What one shard has counted so far.</summary>
/// <param name="Shard">Which shard.</param>
/// <param name="Counters">Its load.</param>
/// <param name="Staleness">What it measured.</param>
internal readonly record struct ShardCount(ShardId Shard, ShardCounters Counters, StalenessCounts Staleness);

/// <summary>What the shards of a run count, for whoever looks while they go on counting.</summary>
/// <remarks>Every number is one that its shard had at some moment, but two of them may be moments apart. Nothing that a
/// run computes may depend on it.</remarks>
internal abstract class ShardCounts
{
    /// <summary>What each shard has done, in order of their numbers; empty before all are known.</summary>
    public IReadOnlyList<ShardReport> Reports() => All() is not { } all
        ? []
        : [.. all.Select(shard => new ShardReport(shard.Shard.Value, shard.Counters.Rows, shard.Counters.Pulls, shard.Counters.Pushes,
            shard.Counters.Bytes))];

    /// <summary>Stopwatch ticks that all shards spent on pulls and on applying pushes; null before all are known.</summary>
    public (long Pull, long Apply)? Ticks() => All() is not { } all
        ? null : (all.Sum(shard => shard.Counters.PullTicks), all.Sum(shard => shard.Counters.ApplyTicks));

    /// <summary>What all shards measured of staleness; null before all are known.</summary>
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

    /// <summary>Every shard, by number; null before all are known.</summary>
    protected abstract IReadOnlyList<ShardCount>? All();
}

/// <summary>Shards in this process, looked at where they are. It costs a shard nothing: nothing is copied before somebody looks.</summary>
/// <remarks>In a simulation, where all happens on one thread, the numbers repeat.</remarks>
/// <param name="shards">How many there will be.</param>
internal sealed class ShardBoard(int shards) : ShardCounts
{
    private readonly ShardState?[] _shards = new ShardState?[shards];

    /// <summary>A shard is there, for the first time or again.</summary>
    internal void Post(ShardState shard) => Volatile.Write(ref _shards[shard.Id.Value], shard);

    /// <inheritdoc />
    protected override IReadOnlyList<ShardCount>? All()
    {
        var all = new ShardCount[_shards.Length];
        for (var shard = 0; shard < all.Length; shard++)
        {
            if (Volatile.Read(ref _shards[shard]) is not { } here)
            {
                return null;
            }

            all[shard] = new ShardCount(here.Id, here.Counters, here.Staleness);
        }

        return all;
    }
}

/// <summary>Shards elsewhere, as they last answered <see cref="StateProtocol.Count"/>.</summary>
/// <param name="shards">How many there are.</param>
internal sealed class ShardAnswers(int shards) : ShardCounts
{
    private readonly ShardCount?[] _answers = new ShardCount?[shards];

    /// <summary>A shard has answered.</summary>
    public void Take(StateProtocol.Counted counted) => _answers[counted.Shard.Value] = new ShardCount(counted.Shard, counted.Counters,
        counted.Staleness);

    /// <inheritdoc />
    protected override IReadOnlyList<ShardCount>? All() => _answers.Contains(null) ? null : [.. _answers.Select(answer => answer!.Value)];
}
