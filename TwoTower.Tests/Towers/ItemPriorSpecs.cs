using CsCheck;
using TwoTower.Model;
using TwoTower.Model.Data;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;

namespace TwoTower.Tests.Towers;

public class ItemPriorSpecs
{
    private const long Day = 86_400;

    // Item 0 three times long ago, item 1 twice and item 0 once on the last two days, item 2 never.
    private static readonly TrainingSet s_set =
        new(1, 3, new InteractionLog([0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 0, 1], [0, 0, 0, 99 * Day, 100 * Day, 100 * Day]));

    [Fact]
    public void Without_strength_there_is_no_prior() =>
        Assert.Null(ItemPrior.Of(new ModelOptions { PriorWindow = RecentSpan.OfDays(2) }, s_set));

    [Theory]
    [InlineData(SpanUnit.Days, 2)]
    [InlineData(SpanUnit.Share, 0.5)]
    [InlineData(SpanUnit.Events, 3)]
    public void The_prior_is_the_log_of_the_share_in_the_window_smoothed_by_that_of_all_before(SpanUnit unit, double value)
    {
        var logits = ItemPrior.Of(new ModelOptions { PriorStrength = 2, PriorWindow = new RecentSpan(unit, value), PriorSmoothing = 2 },
            s_set)!.Logits;

        // Of three in the window one is of item 0 and two of item 1; six pseudo-counts are spread as (4.1, 2.1, 0.1) / 6.3.
        double[] expected =
            [.. new[] { (1, 4.1), (2, 2.1), (0, 0.1) }.Select(item => 2 * Math.Log((item.Item1 + (6 * item.Item2 / 6.3)) / 9))];
        Assert.Equal(expected, logits.Select(logit => (double)logit), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void Without_a_window_all_positives_count_and_the_more_popular_item_is_ahead()
    {
        var logits = ItemPrior.Of(new ModelOptions { PriorStrength = 1 }, s_set)!.Logits;

        Assert.True(logits[0] > logits[1] && logits[1] > logits[2]);
    }

    [Fact]
    public void With_one_step_every_example_has_the_prior_of_the_end()
    {
        var prior = ItemPrior.Of(new ModelOptions { PriorStrength = 1, PriorSteps = 1 }, s_set)!;

        Assert.Equal(1, prior.Steps);
        Assert.All(Enumerable.Range(0, 6), example => Assert.Equal(prior.Logits, prior.LogitsAt(prior.StepOf(example)).ToArray()));
    }

    [Fact]
    public void What_is_liked_at_a_moment_or_later_is_not_in_its_prior() => Gen.Select(Gen.Int[0, 10_000], Gen.Int[2, 12], Gen.Int[1, 40])
        .Sample((seed, steps, window) =>
        {
            var random = new SeededRandom(seed);
            var log = Random(ref random, 80);
            var model = new ModelOptions { PriorStrength = 1, PriorSteps = steps, PriorWindow = RecentSpan.OfEvents(window) };
            var before = ItemPrior.Of(model, new TrainingSet(1, 5, log))!;
            var example = random.NextInt(80);

            // Everything from the example's second on is exchanged, the example with it.
            var items = log.Items.Select((item, n) => log.Timestamps[n] >= log.Timestamps[example] ? (item + 1) % 5 : item).ToArray();
            var after = ItemPrior.Of(model, new TrainingSet(1, 5, log with { Items = items }))!;

            Assert.Equal(before.StepOf(example), after.StepOf(example));
            Assert.Equal(before.LogitsAt(before.StepOf(example)).ToArray(), after.LogitsAt(after.StepOf(example)).ToArray());
        }, iter: 500);

    [Fact]
    public void The_order_of_positives_changes_nothing() => Gen.Int[0, 10_000].Sample(seed =>
    {
        var random = new SeededRandom(seed);
        var log = Random(ref random, 60);
        var order = Enumerable.Range(0, 60).OrderBy(_ => new SeededRandom(seed, 5).NextUInt64()).Reverse().ToArray();
        var turned = new InteractionLog([.. order.Select(n => log.Users[n])], [.. order.Select(n => log.Items[n])],
            [.. order.Select(n => log.Timestamps[n])]);
        var model = new ModelOptions { PriorStrength = 1, PriorSteps = 6, PriorWindow = RecentSpan.OfShare(0.3) };

        var (one, other) = (ItemPrior.Of(model, new TrainingSet(1, 5, log))!, ItemPrior.Of(model, new TrainingSet(1, 5, turned))!);

        Assert.Equal(one.Logits, other.Logits);
        Assert.All(order.Select((n, at) => (n, at)), pair => Assert.Equal(one.LogitsAt(one.StepOf(pair.n)).ToArray(),
            other.LogitsAt(other.StepOf(pair.at)).ToArray()));
    }, iter: 100);

    [Fact]
    public void A_window_that_holds_little_ends_at_the_popularity_of_all_before()
    {
        var random = new SeededRandom(3);
        var log = Random(ref random, 2000);
        var set = new TrainingSet(1, 5, log);

        var few = ItemPrior.Of(new ModelOptions { PriorStrength = 1, PriorWindow = RecentSpan.OfEvents(1), PriorSmoothing = 1000 },
            set)!.Logits;
        var all = ItemPrior.Of(new ModelOptions { PriorStrength = 1 }, set)!.Logits;

        Assert.All(few.Zip(all), pair => Assert.Equal(pair.Second, pair.First, 0.02));
    }

    [Fact]
    public void It_is_made_once_for_all_that_train_on_a_set()
    {
        var model = new ModelOptions { PriorStrength = 1, PriorSteps = 3 };

        Assert.Same(ItemPrior.Of(model, s_set), ItemPrior.Of(model with { Dim = 8 }, s_set));
        Assert.NotSame(ItemPrior.Of(model, s_set), ItemPrior.Of(model with { PriorSteps = 4 }, s_set));
    }

    [Fact]
    public void A_score_s_prior_is_the_logit_s_times_the_temperature()
    {
        var logits = ItemPrior.Of(new ModelOptions { PriorStrength = 1 }, s_set)!.Logits;

        Assert.Equal(logits.Select(logit => logit / 4), ItemPrior.Scores(logits, 0.25)!);
        Assert.Null(ItemPrior.Scores(null, 0.25));
    }

    // In time order, with several of one second.
    private static InteractionLog Random(ref SeededRandom random, int count)
    {
        var (items, times, time) = (new int[count], new long[count], 0L);
        for (var n = 0; n < count; n++)
        {
            time += random.NextInt(3);
            (items[n], times[n]) = (random.NextInt(5), time);
        }

        return new InteractionLog(new int[count], items, times);
    }
}
