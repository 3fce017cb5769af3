using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Towers;

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
/// <param name="Towers">What the rows of both tables are; null where all are embeddings.</param>
internal sealed record ShardBlueprint(
    TrainingOptions Options, ParameterLayout Layout, LearningRateSchedule Schedule, PopularityBuckets UserBuckets,
    PopularityBuckets ItemBuckets,
    long FirstBatch = 0, TableImage? RestoreUsers = null, TableImage? RestoreItems = null,
    Func<ShardId, (IShardTable Users, IShardTable Items)>? Tables = null, TowerLayouts? Towers = null)
{
    /// <summary>Where shards of this process let others look at what they count; null where nobody looks.</summary>
    public ShardBoard? Board { get; init; }

    /// <summary>What the protocols show of themselves.</summary>
    public ProtocolProbe Probe { get; init; } = ProtocolProbe.None;

    /// <summary>What fills a row of a table (0 users, 1 items) with its initial values, given its index in the whole table.</summary>
    internal Action<int, Memory<float>> Initialise(int table) => TowerOf(table) is { } tower
        ? (row, values) => tower.Initialise(values.Span, row)
        : (row, values) => EmbeddingTower.Initialise(values.Span, Options.Model, Options.Seed, table, row);

    /// <summary>How the rows of a table (0 users, 1 items) take what is pushed to them.</summary>
    internal RowRules RulesOf(int table) => new(table == 0 ? Options.Optimizer.ForUsers() : Options.Optimizer.ForItems(), Options.Model.Dim,
        TowerOf(table));

    private TowerLayout? TowerOf(int table) => table == 0 ? Towers?.Users : Towers?.Items;
}
