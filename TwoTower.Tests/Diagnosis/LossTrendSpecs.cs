using TwoTower.Model.Diagnosis;

namespace TwoTower.Tests.Diagnosis;

public class LossTrendSpecs
{
    [Fact]
    public void A_curve_that_has_come_down_stands_still()
    {
        var trend = LossTrend.Of([0.53, 0.40, 0.376, 0.3755, 0.3746])!;

        Assert.True(trend.IsStill);
        Assert.Equal(0.0009 / 0.3755, trend.LastFall, 1e-9);
        Assert.Equal(0.0009 / (0.53 - 0.3746), trend.ShareOfFall, 1e-9);
        Assert.Equal((0, 0, 5), (trend.Rise, trend.Reversals, trend.Epochs));
    }

    [Fact]
    public void A_curve_on_its_way_down_does_not()
    {
        var trend = LossTrend.Of([4, 3, 2])!;

        Assert.False(trend.IsStill);
        Assert.Equal(1 / 3.0, trend.LastFall, 1e-9);
        Assert.Equal(0.5, trend.ShareOfFall, 1e-9);
    }

    [Fact]
    public void A_rise_is_counted_from_the_lowest_and_has_no_share_of_a_fall_that_was_none()
    {
        var trend = LossTrend.Of([1, 0.8, 1.2])!;

        Assert.Equal(0.5, trend.Rise, 1e-9);
        Assert.Equal(1, trend.Reversals);
        Assert.Equal(0, trend.ShareOfFall);
    }

    [Fact]
    public void Turns_under_half_a_hundredth_are_noise()
    {
        Assert.Equal(0, LossTrend.Of([1, 0.999, 1.001, 0.999, 1.001])!.Reversals);
        Assert.Equal(3, LossTrend.Of([1, 0.9, 1, 0.9, 1])!.Reversals);
    }

    [Fact]
    public void Two_epochs_have_no_trend() => Assert.Null(LossTrend.Of([1, 0.5]));
}
