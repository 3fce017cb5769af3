using TwoTower.Actors.Options;
using TwoTower.Model;

namespace TwoTower.Actors.Simulation.Sizing;

/// <summary>How large a model and its data are, and how unevenly rows are accessed: all that timing needs. Nothing
/// of it is ever stored row by row.</summary>
internal sealed record SizedModel
{
    /// <summary>Rows of the user table.</summary>
    public long Users { get; init; } = 1_000_000;

    /// <summary>Rows of the item table.</summary>
    public long Items { get; init; } = 100_000;

    /// <summary>Train positives per epoch.</summary>
    public int Examples { get; init; } = 10_000_000;

    /// <summary>Exponent of Zipf's law over users; row 0 is the most frequent.</summary>
    public double UserSkew { get; init; } = 0.5;

    /// <summary>Exponent of Zipf's law over items.</summary>
    public double ItemSkew { get; init; } = 0.8;

    /// <summary>The shard that holds a row, by formula.</summary>
    /// <exception cref="WorldException">The rule needs stored frequencies.</exception>
    public static int ShardOf(PartitionerKind kind, long row, long rows, int shards) => kind switch
    {
        PartitionerKind.Range => (int)((Int128)row * shards / rows),
        PartitionerKind.Modulo => (int)(row % shards),
        PartitionerKind.Hash => new SeededRandom(row).NextInt(shards),
        _ => throw new WorldException(
            $"The partitioner '{kind}' goes by measured frequencies, which a run with numerics off does not have; take range, modulo or hash."),
    };

    /// <summary>Rows of a shard; for hash, as many as are expected.</summary>
    public static long RowsOn(int shard, long rows, int shards) => (rows / shards) + (shard < rows % shards ? 1 : 0);

    /// <summary>Refuses what cannot be.</summary>
    /// <exception cref="WorldException">Something is impossible together.</exception>
    public void Check(TrainingOptions options)
    {
        if (Users < 1 || Items < 1 || Examples < options.BatchSize)
        {
            throw new WorldException($"{Users} users, {Items} items and {Examples} examples in batches of {options.BatchSize} cannot be.");
        }

        if (options.HotRows > 0)
        {
            throw new WorldException("train.hotRows needs to know rows, and with numerics off they are only counted; set it to 0.");
        }

        if (!options.Model.UserTower.IsNone || !options.Model.ItemTower.IsNone)
        {
            throw new WorldException(
                "With numerics off only embedding rows are counted, not the weights of towers or the items of histories; set "
                + "model.userTower and model.itemTower to none.");
        }

        if (options.StalenessRefusal is { } refusal)
        {
            throw new WorldException(refusal);
        }

        if (options.StalenessInjection.IsOn || options.StalenessPolicy.ComparesRows)
        {
            throw new WorldException(
                "train.stalenessInjection and policies that compare rows need values, and with numerics off there are none; set both to none.");
        }

        ShardOf(options.Partitioner, 0, 1, 1);
    }
}
