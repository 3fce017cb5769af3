using TwoTower.Actors.Training;

namespace TwoTower.Tests.Training;

public class EarlyStoppingSpecs
{
    [Fact]
    public void It_stops_after_patience_evaluations_without_improvement()
    {
        var stopping = new EarlyStopping(patience: 2, minDelta: 0);

        Assert.True(stopping.Observe(0.1));
        Assert.False(stopping.Observe(0.1));
        Assert.False(stopping.ShouldStop);
        Assert.False(stopping.Observe(0.05));
        Assert.True(stopping.ShouldStop);
    }

    [Fact]
    public void A_gain_under_min_delta_is_best_but_no_improvement()
    {
        var stopping = new EarlyStopping(patience: 1, minDelta: 0.01);
        stopping.Observe(0.100);

        Assert.True(stopping.Observe(0.105));
        Assert.True(stopping.ShouldStop);
    }

    [Fact]
    public void Patience_zero_never_stops()
    {
        var stopping = new EarlyStopping(patience: 0, minDelta: 0);
        for (var n = 0; n < 50; n++)
        {
            stopping.Observe(-n);
        }

        Assert.False(stopping.ShouldStop);
    }
}
