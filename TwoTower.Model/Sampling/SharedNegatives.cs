using TwoTower.Model.Options;

namespace TwoTower.Model.Sampling;

/// <summary>Draws items that are negatives of all examples of a batch. A draw is a pure function of (seed, epoch, position of the batch's
/// first example, n), so it depends neither on which worker computes the batch nor on where rows lie. Immutable after
/// construction and safe for several threads.</summary>
internal sealed class SharedNegatives
{
    private const long Stream = 0x5A4E;

    private readonly TrainingSet _set;
    private readonly AliasTable? _alias;
    private readonly long _seed;

    private SharedNegatives(TrainingSet set, LossOptions options, long seed)
    {
        _set = set;
        _seed = seed;
        Count = CountOf(options);
        _alias = IsByPopularity(options) ? new AliasTable(Mass(set, options)) : null;
    }

    /// <summary>Draws of a batch.</summary>
    public int Count { get; }

    /// <summary>The sampler of a loss, or null when it draws nothing for whole batches.</summary>
    /// <exception cref="ArgumentException">The catalogue is empty, or no item has a weight to draw by.</exception>
    public static SharedNegatives? For(TrainingSet set, LossOptions options, long seed) => CountOf(options) == 0
        ? null
        : set.Items > 0 ? new SharedNegatives(set, options, seed)
        : throw new ArgumentException("The catalogue has no items to draw negatives from.", nameof(set));

    /// <summary>Draws of a batch under a loss, with replacement.</summary>
    public static int CountOf(LossOptions options) => options.Kind switch
    {
        LossKind.SampledSoftmax => options.Negatives,
        LossKind.InBatchSoftmax => options.MixedNegatives,
        _ => 0,
    };

    /// <summary>Most items that a batch has besides those of its examples.</summary>
    /// <param name="options">The loss.</param>
    /// <param name="items">Rows of the item table.</param>
    public static int RowsOf(LossOptions options, int items) => options.Kind == LossKind.FullSoftmax
        ? items : Math.Min(items, CountOf(options));

    /// <summary>The probability of every item in one draw.</summary>
    /// <returns>One value per row of the item table; they add up to 1.</returns>
    public static double[] Probabilities(TrainingSet set, LossOptions options)
    {
        if (!IsByPopularity(options))
        {
            var all = new double[set.Items];
            Array.Fill(all, 1.0 / set.Items);
            return all;
        }

        var mass = Mass(set, options);
        var total = mass.Sum();
        return Array.ConvertAll(mass, weight => weight / total);
    }

    /// <summary>One item.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="first">Position in the epoch's order of the batch's first example.</param>
    /// <param name="n">Which of the batch's draws, from 0.</param>
    /// <returns>A row of the item table.</returns>
    public int Draw(int epoch, int first, int n)
    {
        var random = new SeededRandom(_seed, Stream, epoch, ((long)first << 32) | ((long)n << 1)); // a draw takes up to two numbers
        return _alias is null ? random.NextInt(_set.Items) : _alias.Draw(ref random);
    }

    private static bool IsByPopularity(LossOptions options) =>
        options is { Kind: LossKind.SampledSoftmax, Sampling: NegativeSampling.Popularity };

    private static double[] Mass(TrainingSet set, LossOptions options) =>
        Array.ConvertAll(set.ItemCounts, count => Math.Pow(count, options.PopularityAlpha));
}
