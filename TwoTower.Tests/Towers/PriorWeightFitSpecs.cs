using CsCheck;
using TwoTower.Model;
using TwoTower.Model.Data;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;

namespace TwoTower.Tests.Towers;

public class PriorWeightFitSpecs
{
    private const int Items = 40;
    private const int Blocks = 64;
    private const int Regulars = 150;

    private static readonly ModelOptions s_model = new()
    {
        PriorStrength = 1,
        PriorWindow = RecentSpan.OfEvents(600),
        PriorFit = PriorFit.Returning
    };

    /// <summary>Regulars like what rises, newcomers what has always been liked: each draws from a mixture of its own.</summary>
    private static readonly TrainingSet s_world = World(seed: 1, regulars: (1.2, -0.4), newcomers: (0.1, 0.8));

    [Fact]
    public void The_mixture_that_returning_users_drew_from_is_found_again()
    {
        var weights = ItemPrior.Of(s_model, s_world)!.Weights;

        Assert.Equal(1.2, weights.Recent, 0.12);
        Assert.Equal(-0.4, weights.AllTime, 0.12);
        Assert.InRange(weights.Visits, Regulars * (Blocks - 7), Regulars * Blocks);
    }

    [Fact]
    public void Newcomers_count_only_when_everybody_does()
    {
        var everybody = ItemPrior.Of(s_model with { PriorFit = PriorFit.All }, s_world)!.Weights;

        Assert.True(everybody.AllTime > -0.2, $"{everybody}");
        Assert.True(everybody.Visits > Regulars * Blocks, $"{everybody}");
    }

    [Fact]
    public void Without_a_fit_the_prior_is_recent_popularity_alone() =>
        Assert.Equal(PriorWeights.Plain, ItemPrior.Of(s_model with { PriorFit = PriorFit.Off }, s_world)!.Weights);

    [Fact]
    public void The_prior_is_the_mixture_that_was_fitted()
    {
        var prior = ItemPrior.Of(s_model with { PriorStrength = 2 }, s_world)!;
        var popularity = new RollingPopularity(s_model, s_world);
        popularity.MoveTo(s_world.Log.Count);

        var expected = Enumerable.Range(0, Items)
            .Select(item =>
            (float)(2 * ((prior.Weights.Recent * popularity.LogRecent(item)) + (prior.Weights.AllTime * popularity.LogAllTime(item)))));
        Assert.Equal(expected, prior.Logits);
    }

    [Fact]
    public void Few_visits_leave_it_near_recent_popularity()
    {
        var few = ItemPrior.Of(s_model,
            new TrainingSet(s_world.Users, Items, Where(s_world.Log, n => s_world.Log.Users[n] >= Regulars || n % 100 == 0)))!.Weights;

        Assert.InRange(few.Visits, 1, 120);
        Assert.Equal(1, few.Recent, 0.1);
        Assert.Equal(0, few.AllTime, 0.1);
    }

    [Fact]
    public void Nobody_who_returns_and_no_time_leave_it_at_recent_popularity()
    {
        var strangers = s_world.Log with { Users = [.. Enumerable.Range(0, s_world.Log.Count)] };
        var timeless = s_world.Log with { Timestamps = new long[s_world.Log.Count] };

        Assert.Equal(PriorWeights.Plain, ItemPrior.Of(s_model, new TrainingSet(strangers.Count, Items, strangers))!.Weights);
        Assert.Equal(PriorWeights.Plain, ItemPrior.Of(s_model, new TrainingSet(s_world.Users, Items, timeless))!.Weights);
        Assert.Equal(PriorWeights.Plain, ItemPrior.Of(s_model, new TrainingSet(3, 3, InteractionLog.Empty))!.Weights);
    }

    [Fact]
    public void With_all_of_train_as_its_window_the_two_parts_are_one_and_the_fit_still_ends()
    {
        var weights = ItemPrior.Of(s_model with { PriorWindow = RecentSpan.All }, s_world)!.Weights;

        Assert.True(double.IsFinite(weights.Recent) && double.IsFinite(weights.AllTime), $"{weights}");
    }

    [Fact]
    public void Neither_the_order_of_positives_nor_the_names_of_users_and_items_change_the_weights() => Gen.Int[1, 10_000].Sample(seed =>
    {
        var log = s_world.Log;
        var random = new SeededRandom(seed);
        var (order, users, items) = (Permuted(log.Count, ref random), Permuted(s_world.Users, ref random), Permuted(Items, ref random));
        var other = new InteractionLog([.. order.Select(n => users[log.Users[n]])], [.. order.Select(n => items[log.Items[n]])],
            [.. order.Select(n => log.Timestamps[n])]);

        Assert.Equal(ItemPrior.Of(s_model, s_world)!.Weights, ItemPrior.Of(s_model, new TrainingSet(s_world.Users, Items, other))!.Weights);
    }, iter: 10);

    private static int[] Permuted(int count, ref SeededRandom random)
    {
        var (keys, order) = (new ulong[count], Enumerable.Range(0, count).ToArray());
        for (var n = 0; n < count; n++)
        {
            keys[n] = random.NextUInt64();
        }

        Array.Sort(keys, order);
        return order;
    }

    private static InteractionLog Where(InteractionLog log, Func<int, bool> keep)
    {
        var kept = Enumerable.Range(0, log.Count).Where(keep).ToArray();
        return new InteractionLog([.. kept.Select(n => log.Users[n])], [.. kept.Select(n => log.Items[n])],
            [.. kept.Select(n => log.Timestamps[n])]);
    }

    private static TrainingSet World(int seed, (double Recent, double AllTime) regulars, (double Recent, double AllTime) newcomers)
    {
        var random = new SeededRandom(seed);
        var (users, items, times) = (new List<int>(), new List<int>(), new List<long>());
        for (var block = 0; block < Blocks; block++)
        {
            var set = new TrainingSet(Regulars * (Blocks + 1), Items, new InteractionLog([.. users], [.. items], [.. times]));
            var popularity = new RollingPopularity(s_model, set);
            popularity.MoveTo(users.Count);
            for (var person = 0; person < 2 * Regulars; person++)
            {
                var (recent, allTime) = person < Regulars ? regulars : newcomers;
                var chances = Enumerable.Range(0, Items)
                    .Select(item =>
                    block < 2 ? 1.0 : Math.Exp((recent * popularity.LogRecent(item)) + (allTime * popularity.LogAllTime(item)))).ToArray();
                users.Add(person < Regulars ? person : (Regulars * block) + person);
                items.Add(Draw(chances, ref random));
                times.Add(block + 1);
            }
        }

        return new TrainingSet(Regulars * (Blocks + 1), Items, new InteractionLog([.. users], [.. items], [.. times]));
    }

    private static int Draw(double[] chances, ref SeededRandom random)
    {
        var left = random.NextDouble() * chances.Sum();
        for (var item = 0; item < chances.Length; item++)
        {
            left -= chances[item];
            if (left < 0)
            {
                return item;
            }
        }

        return chances.Length - 1;
    }
}
