using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.ParameterServer;

/// <summary>Where shards keep their records. What has been saved outlives the shard's actor.</summary>
internal interface IShardStore
{
    /// <summary>Begins a term: from now on what comes under a lower one is refused.</summary>
    /// <param name="shard">Which shard.</param>
    /// <param name="term">The term of whoever is the shard from now on.</param>
    /// <returns>The highest term that is known. When it is higher than <paramref name="term"/>, nothing has begun.</returns>
    Term Claim(ShardId shard, Term term);

    /// <summary>Replaces the shard's record, whole or not at all. When it returns, no higher term had begun.</summary>
    /// <param name="record">What the shard knows. Its rows are the shard's again when this returns, and change: whoever keeps them keeps a
    /// copy (<see cref="ShardRecord.Copy"/>).</param>
    /// <param name="term">The term of whoever is the shard.</param>
    void Save(ShardRecord record, Term term);

    /// <summary>The last record saved, or null.</summary>
    ShardRecord? Load(ShardId shard);
}
