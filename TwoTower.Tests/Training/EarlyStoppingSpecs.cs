using TwoTower.Actors.Training;

namespace TwoTower.Tests.Training;

public class EarlyStoppingSpecs
{
    [Fact]
    public void It_stops_after_patience_evaluations_without_improvement()
    {
        var stopping = new EarlyStopping(patience: 2, minDelta: 0);

        stopping.Observe(0.1);
        stopping.Observe(0.1);
        Assert.False(stopping.ShouldStop);
        stopping.Observe(0.05);
        Assert.True(stopping.ShouldStop);
    }

    [Fact]
    public void A_gain_under_min_delta_is_no_improvement()
    {
        var stopping = new EarlyStopping(patience: 1, minDelta: 0.01);
        stopping.Observe(0.100);
        Assert.False(stopping.ShouldStop);
        stopping.Observe(0.105);

        Assert.True(stopping.ShouldStop);
    }

    [Fact]
    public void Small_gains_add_up_to_an_improvement_over_the_last_one()
    {
        var stopping = new EarlyStopping(patience: 2, minDelta: 0.01);
        stopping.Observe(0.100);
        stopping.Observe(0.106);
        stopping.Observe(0.112);

        Assert.False(stopping.ShouldStop);
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
