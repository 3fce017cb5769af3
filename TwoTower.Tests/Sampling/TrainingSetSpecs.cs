using TwoTower.Model.Data;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;

namespace TwoTower.Tests.Sampling;

public class TrainingSetSpecs
{
    private const long Day = 86_400;

    [Fact]
    public void An_example_one_half_life_older_weighs_half_and_the_mean_weight_is_one()
    {
        // The newest, one half-life (30 days) before it, two, and half of one.
        long[] ages = [60, 30, 15, 0];
        var log = new InteractionLog(new int[4], [0, 1, 2, 3], [.. ages.Select(age => (100 - age) * Day)]);

        var weights = new TrainingSet(1, 4, log, recencyHalfLife: RecentSpan.OfDays(30)).Weights;

        Assert.Equal(0.25, weights[0] / (double)weights[3], 1e-6);
        Assert.Equal(0.5, weights[1] / (double)weights[3], 1e-6);
        Assert.Equal(Math.Sqrt(0.5), weights[2] / (double)weights[3], 1e-6);
        Assert.Equal(1.0, weights.Average(weight => (double)weight), 1e-6);
    }

    [Fact]
    public void Without_a_half_life_all_weigh_one()
    {
        var log = new InteractionLog([0, 0], [0, 1], [0, 1_000 * Day]);

        Assert.Equal([1f, 1f], new TrainingSet(1, 2, log).Weights);
    }

    [Fact]
    public void Counts_and_known_positives_are_those_of_the_log()
    {
        // User 1 has item 2 twice: two examples, one known positive.
        var set = new TrainingSet(3, 4, new InteractionLog([1, 1, 0], [2, 2, 3], [1, 2, 3]));

        Assert.Equal([1, 2, 0], set.UserCounts);
        Assert.Equal([0, 0, 2, 1], set.ItemCounts);
        Assert.Equal([2], set.Known.ItemsOf(1).ToArray());
        Assert.Equal(Math.Log(2 / 3.0), ItemFrequencies.LogQ(set)[2], 1e-6);
    }
}
