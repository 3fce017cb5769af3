using CsCheck;
using TwoTower.Model.Data;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;

namespace TwoTower.Tests.Sampling;

public class NegativeSamplerSpecs
{
    private const int Draws = 60_000;

    [Fact]
    public void Unseen_and_popularity_never_draw_what_the_user_knows() =>
        Gen.Select(Gen.Int[2, 40], Gen.Double[0, 1], Gen.Long, Gen.Bool).Sample(
            (items, share, seed, byPopularity) =>
            {
                // User 0 knows a share of the items, at most all but one; user 1 gives every item a weight.
                var random = new Random((int)seed);
                var known = Enumerable.Range(0, items).Where(_ => random.NextDouble() < share).Take(items - 1).ToArray();
                var set = Set(items, [.. known.Select(item => (0, item)), .. Enumerable.Range(0, items).Select(item => (1, item))]);
                var sampler = Sampler(set, byPopularity ? NegativeSampling.Popularity : NegativeSampling.Unseen, seed);

                for (var position = 0; position < 200; position++)
                {
                    Assert.DoesNotContain(sampler.Draw(0, epoch: 1, position, n: position % 3), known);
                }
            },
            iter: 200);

    [Fact]
    public void Unseen_draws_every_unknown_item_alike()
    {
        int[] known = [0, 1, 4, 7, 8, 11];
        var set = Set(12, [.. known.Select(item => (0, item))]);

        var counts = Count(Sampler(set, NegativeSampling.Unseen, 3), 12);

        ChiSquare.AssertFits(counts, [.. Enumerable.Range(0, 12).Select(item => known.Contains(item) ? 0 : 1 / 6.0)]);
    }

    [Fact]
    public void Uniform_draws_every_item_alike_the_known_ones_too()
    {
        var set = Set(12, [(0, 3), (0, 5)]);

        ChiSquare.AssertFits(Count(Sampler(set, NegativeSampling.Uniform, 3), 12), [.. Enumerable.Repeat(1 / 12.0, 12)]);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.75)]
    [InlineData(1.0)]
    public void Popularity_draws_in_proportion_to_the_train_count_to_the_power_alpha(double alpha)
    {
        // User 0 knows item 5; an item without positives (6) has no mass.
        int[] counts = [1, 2, 4, 8, 16, 32, 0, 64];
        var set = Popular(counts, known: [5]);

        var drawn = Count(Sampler(set, NegativeSampling.Popularity, 11, alpha), counts.Length);

        ChiSquare.AssertFits(drawn, Shares(counts, alpha, known: [5]));
    }

    [Fact]
    public void Popularity_is_the_same_for_a_user_who_knows_nearly_all_of_the_mass()
    {
        // Items 6 and 7 have 99.99 % of the mass, so that nearly every draw falls to the pass over the catalogue.
        int[] counts = [1, 2, 4, 8, 2, 4, 60_000, 150_000];
        var set = Popular(counts, known: [6, 7]);

        var drawn = Count(Sampler(set, NegativeSampling.Popularity, 11, alpha: 1), counts.Length);

        ChiSquare.AssertFits(drawn, Shares(counts, 1, known: [6, 7]));
    }

    [Fact]
    public void A_user_who_knows_every_weighted_item_gets_the_rest_and_one_who_knows_all_gets_any()
    {
        var set = Set(6, [(0, 0), (0, 1), (1, 0), (1, 1), .. Enumerable.Range(0, 6).Select(item => (2, item))]);
        var rest = new NegativeSampler(Set(6, [(0, 0), (0, 1)]), new LossOptions { Sampling = NegativeSampling.Popularity }, 1);
        var any = Sampler(set, NegativeSampling.Unseen, 1);

        Assert.Equal([2, 3, 4, 5], Enumerable.Range(0, 500).Select(position => rest.Draw(0, 0, position, 0)).Distinct().Order());
        Assert.Equal([0, 1, 2, 3, 4, 5], Enumerable.Range(0, 500).Select(position => any.Draw(2, 0, position, 0)).Distinct().Order());
    }

    private static NegativeSampler Sampler(TrainingSet set, NegativeSampling kind, long seed, double alpha = 0.75) =>
        new(set, new LossOptions { Kind = LossKind.Bpr, Sampling = kind, PopularityAlpha = alpha }, seed);

    private static int[] Count(NegativeSampler sampler, int items)
    {
        var counts = new int[items];
        for (var draw = 0; draw < Draws; draw++)
        {
            counts[sampler.Draw(user: 0, epoch: draw % 2, position: draw / 6, n: draw / 2 % 3)]++;
        }

        return counts;
    }

    /// <summary>Users whose positives add up to the counts; user 0 has one of each known item.</summary>
    private static TrainingSet Popular(int[] counts, int[] known) => Set(
        counts.Length,
        [.. known.Select(item => (0, item)),
            .. counts.SelectMany((count, item) => Enumerable.Repeat((1, item), count - (known.Contains(item) ? 1 : 0)))]);

    private static double[] Shares(int[] counts, double alpha, int[] known)
    {
        var mass = counts.Select((count, item) => known.Contains(item) ? 0 : Math.Pow(count, alpha)).ToArray();
        return [.. mass.Select(value => value / mass.Sum())];
    }

    private static TrainingSet Set(int items, (int User, int Item)[] pairs) =>
        new(3, items, new InteractionLog([.. pairs.Select(pair => pair.User)], [.. pairs.Select(pair => pair.Item)],
            new long[pairs.Length]));
}
