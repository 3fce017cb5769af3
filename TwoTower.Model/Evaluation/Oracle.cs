using System.Globalization;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Synthetic;

namespace TwoTower.Model.Evaluation;

/// <summary>The truth of a synthetic world as a ranking: how likely each item is to be what a user takes and likes in the time that is
/// judged. Nothing that is not told the truth can be better but by luck.</summary>
/// <remarks>
/// A score is the probability of taking an item (taste × popularity, as a user who has come back takes it) averaged over the judged time,
/// times that of rating it a positive. When in that time a user comes, nobody can know. Only a split by time has such a time.
/// </remarks>
internal sealed class Oracle : IItemScorer
{
    private const int Moments = 32;
    private readonly SyntheticWorld _world;
    private readonly double _threshold;
    private readonly int[] _users;
    private readonly int[] _items;
    private readonly int[] _niches;

    // [moment][item]: popularity of each item of the catalogue.
    private readonly double[][] _popularity;

    private Oracle(SyntheticWorld world, RecommenderData data, double threshold, long from, long to)
    {
        _world = world;
        _threshold = threshold;
        _users = NumbersOf(data.Users);
        _items = NumbersOf(data.Items);
        _niches = [.. _items.Select(world.NicheOf)];
        _popularity = [.. Enumerable.Range(0, Moments).Select(moment => from + (long)((to - from) * ((moment + 0.5) / Moments)))
            .Select(time => _items.Select(item => world.PopularityAt(item, time, Sitting.Later)).ToArray())];
    }

    /// <inheritdoc />
    public int Items => _items.Length;

    /// <summary>The oracle of what is judged as validation.</summary>
    /// <param name="data">The data.</param>
    /// <param name="options">What it was loaded with.</param>
    /// <returns>The ranking; null where the truth is not known: data that is not synthetic, or is not split by time.</returns>
    public static Oracle? OfValidation(RecommenderData data, DataOptions options) =>
        Of(data, options, data.Split.ValidationStart, data.Split.ValidationEnd);

    /// <summary>The oracle of test; null where there is none.</summary>
    /// <inheritdoc cref="OfValidation"/>
    public static Oracle? OfTest(RecommenderData data, DataOptions options) => Of(data, options, data.Split.TestStart, data.Split.TestEnd);

    /// <summary>The oracle of a world.</summary>
    /// <param name="world">The world.</param>
    /// <param name="data">What its users have left behind.</param>
    /// <param name="threshold">The lowest rating that counts as positive.</param>
    /// <param name="from">When the judged time begins, unix seconds.</param>
    /// <param name="to">When it ends.</param>
    public static Oracle Of(SyntheticWorld world, RecommenderData data, double threshold, long from, long to) =>
        new(world, data, threshold, from, to);

    /// <inheritdoc />
    public void Score(ReadOnlySpan<int> users, Span<float> scores)
    {
        var expected = new double[Items];
        for (var n = 0; n < users.Length; n++)
        {
            var user = _users[users[n]];
            double[] liking = [.. _world.TasteOf(user).Select(taste => _world.Liking(taste, Sitting.Later))];
            Array.Clear(expected);
            foreach (var popularity in _popularity)
            {
                AddMoment(expected, liking, popularity);
            }

            for (var item = 0; item < Items; item++)
            {
                scores[(n * Items) + item] = (float)(expected[item] * _world.Liked(user, _items[item], _threshold));
            }
        }
    }

    // A user who comes at a moment takes one item or another: probabilities of a moment add up to 1.
    private void AddMoment(double[] expected, double[] liking, double[] popularity)
    {
        var sum = 0.0;
        for (var item = 0; item < expected.Length; item++)
        {
            sum += liking[_niches[item]] * popularity[item];
        }

        for (var item = 0; item < expected.Length; item++)
        {
            expected[item] += liking[_niches[item]] * popularity[item] / sum;
        }
    }

    private static Oracle? Of(RecommenderData data, DataOptions options, long? from, long? to) =>
        options.Path is not null || data.Split.Kind != SplitKind.GlobalTime || from is null || to is null
            ? null
            : new Oracle(new SyntheticWorld(SyntheticProfile.Named(options.Profile), options.Seed), data, options.PositiveThreshold,
                from.Value, to.Value);

    private static int[] NumbersOf(IdCatalogue catalogue) =>
        [.. catalogue.RawIds.Select(id => int.Parse(id, CultureInfo.InvariantCulture) - 1)];
}
