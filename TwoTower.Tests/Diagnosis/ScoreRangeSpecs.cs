using CsCheck;
using TwoTower.Model.Data;
using TwoTower.Model.Diagnosis;
using TwoTower.Model.Sampling;

namespace TwoTower.Tests.Diagnosis;

public class ScoreRangeSpecs
{
    [Fact]
    public void Floors_are_those_of_opposite_unit_vectors()
    {
        Assert.Equal(0.126928, ScoreRange.BprFloor(1), 1e-6);
        Assert.Equal(Math.Log(Math.Exp(5) + (100 * Math.Exp(-5))) - 5, ScoreRange.SoftmaxFloor(100, 0.2), 1e-9);
        Assert.Equal(10, ScoreRange.Of(0.2), 1e-9);
    }

    [Fact]
    public void The_temperature_for_a_range_is_a_round_one_that_spans_it_and_the_next_does_not() =>
        Gen.Double[0.01, 1000].Sample(needed =>
        {
            var temperature = ScoreRange.TemperatureFor(needed);
            var digit = temperature / Math.Pow(10, Math.Floor(Math.Log10(temperature) + 1e-9));

            Assert.True(ScoreRange.Of(temperature) >= needed - 1e-6);
            Assert.True(ScoreRange.Of(2.5 * temperature) < needed || ScoreRange.Of(2 * temperature) < needed);
            Assert.Contains(Math.Round(digit, 6), new[] { 1.0, 2, 5 });
        }, iter: 500);

    [Fact]
    public void Popularity_needs_the_logarithm_of_what_counts_differ_by_less_what_a_prior_says()
    {
        // Item n has 2^n positives, for 0 … 9, and item 10 none; the 5th and 95th of a hundred are items 0 and 8.
        var items = Enumerable.Range(0, 10).SelectMany(item => Enumerable.Repeat(item, 1 << item)).ToArray();
        var set = new TrainingSet(1, 11, new InteractionLog(new int[items.Length], items, new long[items.Length]));

        Assert.Equal(8 * Math.Log(2), ScoreRange.PopularityRange(set, null), 1e-5);
        Assert.Equal(0, ScoreRange.PopularityRange(set, ItemFrequencies.LogQ(set)), 1e-6);
    }

    [Fact]
    public void Constant_popularity_needs_no_room() =>
        Assert.Equal(0, ScoreRange.PopularityRange(new TrainingSet(1, 3, new InteractionLog([0, 0, 0], [0, 1, 2], new long[3])), null));
}
