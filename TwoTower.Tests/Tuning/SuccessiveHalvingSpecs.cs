using CsCheck;
using TwoTower.Node.Tuning;

namespace TwoTower.Tests.Tuning;

/// <summary>How trials and epochs are dealt out.</summary>
public class SuccessiveHalvingSpecs
{
    [Fact]
    public void Twenty_seven_trials_of_nine_epochs_become_three_rungs() =>
        Assert.Equal([new Rung(27, 1), new Rung(9, 3), new Rung(3, 9)], SuccessiveHalving.Of(27, 9, 3));

    [Fact]
    public void Factor_one_is_random_search_with_all_epochs() => Assert.Equal([new Rung(10, 6)], SuccessiveHalving.Of(10, 6, 1));

    [Fact]
    public void Trials_fall_and_epochs_rise_to_all_of_them() => Gen.Select(Gen.Int[1, 200], Gen.Int[1, 100], Gen.Int[1, 5])
        .Sample((trials, epochs, factor) =>
        {
            var rungs = SuccessiveHalving.Of(trials, epochs, factor);
            Assert.Equal(trials, rungs[0].Trials);
            Assert.Equal(epochs, rungs[^1].Epochs);
            Assert.All(rungs, rung => Assert.True(rung is { Trials: > 0, Epochs: > 0 }));
            Assert.All(rungs.Zip(rungs.Skip(1)),
                pair => Assert.True(pair.First.Trials > pair.Second.Trials && pair.First.Epochs < pair.Second.Epochs));
        });

    [Fact]
    public void The_best_go_on_the_earlier_of_equal_ones_and_nothing_that_failed() =>
        Assert.Equal([2, 0, 3], SuccessiveHalving.Best([(0, 0.5), (1, double.NaN), (2, 0.9), (3, 0.5), (4, 0.1)], 3));
}
