using TwoTower.Actors.Protocol;
using TwoTower.Actors.Training;
using TwoTower.Model.Optimizers;

namespace TwoTower.Actors.ParameterServer;

/// <summary>What every shard of a run is made from.</summary>
/// <param name="Options">The run's settings.</param>
/// <param name="Layout">Which rows lie where.</param>
/// <param name="Schedule">The learning rate.</param>
/// <param name="UserBuckets">Popularity buckets of the user table.</param>
/// <param name="ItemBuckets">Popularity buckets of the item table.</param>
/// <param name="FirstBatch">Batches applied before this run began (0, or a checkpoint's step).</param>
/// <param name="RestoreUsers">The checkpoint's user table in row order, or null.</param>
/// <param name="RestoreItems">The checkpoint's item table in row order, or null.</param>
/// <param name="Tables">Makes a shard's user and item table, when they are not to hold rows with values.</param>
public sealed record ShardBlueprint(
    TrainingOptions Options, ParameterLayout Layout, LearningRateSchedule Schedule, PopularityBuckets UserBuckets, PopularityBuckets ItemBuckets,
    long FirstBatch = 0, TableImage? RestoreUsers = null, TableImage? RestoreItems = null,
    Func<ShardId, (IShardTable Users, IShardTable Items)>? Tables = null);
